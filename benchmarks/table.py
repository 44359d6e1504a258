"""Rounds of measurements as a table: medians, spreads, and ratios to the tuned copy."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.measure import Cost

BASE = "tuned_copy"


def table(rounds: Sequence[dict[str, Cost]]) -> str:
    """Return a Markdown table; a ratio is the median of each round's own ratio."""
    lines = [
        "| | wall, s | processor, s | peak memory, GB | wall ratio | processor ratio |",
        "|---|---|---|---|---|---|",
    ]
    for name in rounds[0]:
        costs = [one[name] for one in rounds]
        cells = [
            _spread([cost.wall for cost in costs], 1),
            _spread([cost.processor for cost in costs], 1),
            f"{max(cost.peak_memory for cost in costs) / 1e9:.2f}",
            _ratio(rounds, name, lambda cost: cost.wall),
            _ratio(rounds, name, lambda cost: cost.processor),
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _ratio(
    rounds: Sequence[dict[str, Cost]], name: str, figure: Callable[[Cost], float]
) -> str:
    if BASE not in rounds[0]:
        return ""
    return _spread([figure(one[name]) / figure(one[BASE]) for one in rounds], 2)


def _spread(values: Sequence[float], digits: int) -> str:
    """Return the median, and the lowest and highest where there are several."""
    middle = f"{statistics.median(values):.{digits}f}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):.{digits}f} to {max(values):.{digits}f})"
