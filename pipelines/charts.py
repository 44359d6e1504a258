"""The geometry of the charts, in whole numbers; the templates draw them as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# A bar's cell is a thousand wide, whatever the screen makes of it.
FULL_WIDTH = 1000
BINS_BELOW, BINS_ABOVE = 15, 30
BIN_WIDTH, HEIGHT, LEFT, TOP = 7, 120, 12, 18


@dataclass(frozen=True)
class Bar:
    """One bar of a histogram: its seats, how many customers, and where it stands."""

    label: str
    count: int
    is_enough: bool
    x: int
    y: int
    height: int


@dataclass(frozen=True)
class Histogram:
    """Customers by their seats, around the number that is needed."""

    threshold: int
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[int, str], ...]
    cliff_x: int
    most: int
    unknown: int

    @property
    def short_by_little(self) -> int:
        """Customers in the three bars before the cliff."""
        return sum(bar.count for bar in self.bars[BINS_BELOW - 3 : BINS_BELOW])


def share_of(width: int, whole: int) -> int:
    """Return a part of a full bar; something that is there can be seen."""
    if not whole or not width:
        return 0
    return max(4, FULL_WIDTH * width // whole)


def histogram(counts: Sequence[tuple[int | None, int]], threshold: int) -> Histogram:
    """Return customers by seats, in bins that begin at the threshold exactly."""
    step = max(1, -(-threshold // BINS_BELOW))
    first = threshold - BINS_BELOW * step
    found = [0] * (BINS_BELOW + BINS_ABOVE + 1)
    for seats, count in counts:
        if seats is not None:
            found[min(max((seats - first) // step, 0), len(found) - 1)] += count
    most = max(*found, 1)
    bars = tuple(
        _bar(number, count, most, _label(number, first, step, len(found)))
        for number, count in enumerate(found)
    )
    ticks = tuple(
        (LEFT + number * BIN_WIDTH, _tick(number, first, step, len(found)))
        for number in range(0, len(found), 5)
    )
    unknown = sum(count for seats, count in counts if seats is None)
    return Histogram(
        threshold, bars, ticks, LEFT + BINS_BELOW * BIN_WIDTH, most, unknown
    )


def _bar(number: int, count: int, most: int, label: str) -> Bar:
    height = max(2, HEIGHT * count // most) if count else 0
    x, y = LEFT + number * BIN_WIDTH, TOP + HEIGHT - height
    return Bar(label, count, number >= BINS_BELOW, x, y, height)


def _label(number: int, first: int, step: int, bins: int) -> str:
    low = first + number * step
    high = low + step - 1
    if number == 0:
        return f"{high} or fewer"
    if number == bins - 1:
        return f"{low} or more"
    return str(low) if step == 1 else f"{low} to {high}"


def _tick(number: int, first: int, step: int, bins: int) -> str:
    return f"{first + number * step}{'+' if number == bins - 1 else ''}"
