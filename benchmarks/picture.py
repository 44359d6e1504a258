"""Draw time and memory against lines: docs/benchmarks.svg, of what was measured."""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from typing import Any

import matplotlib as mpl

from benchmarks.bench import RESULTS
from benchmarks.contestants import CONTESTANTS, PROJECT

PICTURE = PROJECT / "docs" / "benchmarks.svg"
FIGURES = {"wall": ("wall time, s", 1), "peak_memory": ("peak memory, GB", 1e9)}


def medians(figure: str, unit: float) -> dict[str, list[tuple[int, float]]]:
    """Return for each contestant its median at each number of lines, in order."""
    values: dict[tuple[str, int], list[float]] = defaultdict(list)
    measured: list[dict[str, Any]] = json.loads(RESULTS.read_text(encoding="utf-8"))
    for one in measured:
        values[one["contestant"], one["lines"]].append(one[figure] / unit)
    points: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for name, lines in sorted(values):
        points[name].append((lines, statistics.median(values[name, lines])))
    return points


def main() -> None:
    """Draw both figures side by side, text as text, the same bytes each time."""
    mpl.use("svg")
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "benchmarks"})
    from matplotlib import pyplot  # noqa: PLC0415 - its settings come first

    figure, axes = pyplot.subplots(1, len(FIGURES), figsize=(11, 4.5))
    for place, (name, (label, unit)) in zip(axes, FIGURES.items(), strict=True):
        points = medians(name, unit)
        for contestant in (one for one in CONTESTANTS if one in points):
            lines, values = zip(*points[contestant], strict=True)
            place.plot([n / 1e6 for n in lines], values, "o-", label=contestant)
        place.set(xscale="log", yscale="log", xlabel="million lines", ylabel=label)
        place.grid(visible=True, which="both", alpha=0.3)
    axes[0].legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(PICTURE, metadata={"Date": None})


if __name__ == "__main__":
    main()
