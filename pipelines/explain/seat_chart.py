"""The seats of a pair over time, drawn with characters: one column is some days.

May import the standard library alone.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LEVELS = 8
LABEL = 6
NARROWEST = 30
_BEFORE = _AFTER = dt.timedelta(days=31)
_LONGEST = dt.timedelta(days=730)


@dataclass(frozen=True)
class Signs:
    """The characters that a terminal can show."""

    seat: str
    empty: str
    needed: str
    axis: str
    first: str
    measured: str


PICTURES = Signs("█", " ", "╌", "─", "┬", "▲")
LETTERS = Signs("#", " ", "-", "_", "|", "^")


@dataclass(frozen=True)
class SeatChart:
    """What is drawn: stretches of seats, the threshold, and the days that count."""

    stretches: Sequence[tuple[dt.date, dt.date, int]]
    threshold: int
    first_day: dt.date
    measured_on: dt.date

    def lines(self, width: int, signs: Signs = PICTURES) -> list[str]:
        """Return the picture, no line longer than *width*; none if it is too narrow."""
        columns = width - LABEL - 1
        if columns < NARROWEST:
            return []
        days = self._days(columns)
        seats = [self.seats_on(day) for day in days]
        at = days.index(self.measured_on)
        drawn = [
            self._level(level, seats, signs)
            for level in _levels(max(*seats, self.threshold), self.threshold)
        ]
        axis = [signs.axis] * columns
        if self.first_day in days:
            axis[days.index(self.first_day)] = signs.first
        axis[at] = signs.measured
        ends = f"{'':{LABEL}} {_placed(days, self.first_day, self.measured_on)}"
        return [*drawn, f"{'0':>{LABEL}} {''.join(axis)}", ends.rstrip()]

    def seats_on(self, day: dt.date) -> int:
        """Return the seats of all stretches on a day."""
        return sum(
            seats for first, last, seats in self.stretches if first <= day <= last
        )

    def days_in_a_column(self, width: int) -> int:
        """Return how many days one column of such a picture stands for, about."""
        days = self._days(width - LABEL - 1)
        return max(1, round((days[-1] - days[0]).days / len(days)))

    def _days(self, columns: int) -> list[dt.date]:
        """Return the day that each column shows; the days that count are among them."""
        firsts = [first for first, _, _ in self.stretches]
        start = max(
            min([self.first_day, *firsts]) - _BEFORE, self.measured_on - _LONGEST
        )
        end = self.measured_on + _AFTER
        whole = (end - start).days
        days = [
            start + dt.timedelta(days=whole * column // (columns - 1))
            for column in range(columns)
        ]
        for exact in (self.first_day, self.measured_on):
            near = min(range(columns), key=lambda at: abs((days[at] - exact).days))
            if abs((days[near] - exact).days) <= max(1, whole // columns):
                days[near] = exact
        return days

    def _level(self, level: int, seats: Sequence[int], signs: Signs) -> str:
        blank = signs.needed if level == self.threshold else signs.empty
        cells = "".join(signs.seat if found >= level else blank for found in seats)
        return f"{level:>{LABEL}} {cells}".rstrip()


def _levels(most: int, threshold: int) -> list[int]:
    """Return the heights of the rows, the highest first, the threshold among them."""
    step = max(1, -(-most // LEVELS))
    return sorted({*range(step, most, step), most, threshold}, reverse=True)


def _placed(days: Sequence[dt.date], *marked: dt.date) -> str:
    """Return the marked days below their columns, as far as they do not touch."""
    text = ""
    for day in marked:
        name = str(day)
        at = days.index(day) if day in days else 0
        start = min(max(0, at - len(name) // 2), len(days) - len(name))
        if start > len(text):
            text = text.ljust(start)
        elif text:
            continue
        text += name
    return text
