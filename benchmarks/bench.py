"""Time the main job against the bare copy of its billing files, round by round."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from benchmarks.measure import Cost, cost_of, median

DATA = Path(__file__).parent.parent / "data" / "bench"
CASHBACK = [sys.executable, "-m", "pipelines.cli"]
COPIES = [sys.executable, "-m", "benchmarks.copies"]


def generated(lines: int, files: int) -> Path:
    """Return extracts of about so many billing lines, made once and kept."""
    source = DATA / f"{lines}-lines-{files}-files"
    if not source.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        command = [*CASHBACK, "generate", "--customers", str(max(lines // 250, 100))]
        command += ["--seed", "1", "--out", str(source)]
        command += ["--billing-lines", str(lines), "--billing-files", str(files)]
        cost_of(command)
    return source


def one_round(source: Path) -> dict[str, Cost]:
    """Return what each contestant costs; the newest invoice comes between two runs."""
    work = DATA / "work"
    shutil.rmtree(work, ignore_errors=True)
    early = work / "source"
    shutil.copytree(source, early, copy_function=lambda a, b: Path(b).hardlink_to(a))
    newest = max(early.glob("billing/*/*.csv"), key=_delivery_and_size)
    held_back = work / newest.name
    newest.rename(held_back)
    known_at = max(path.name for path in source.glob("*/*-*-*"))
    run = [*CASHBACK, "run", "--home", str(work / "home"), "--known-at", known_at]
    run += ["--source", str(early)]
    costs = {
        "plain_copy": cost_of([*COPIES, "plain", str(early), str(work / "copy")]),
        "tuned_copy": cost_of([*COPIES, "tuned", str(early), str(work / "copy")]),
        "first_run": cost_of(run),
    }
    held_back.rename(newest)
    return costs | {"next_run": cost_of(run)}


def _delivery_and_size(path: Path) -> tuple[bool, str]:
    # A restated invoice is a small file of its own: take a full monthly one.
    return path.stat().st_size > 1 << 20, path.parent.name


def table(costs: dict[str, Cost]) -> str:
    """Return the medians and their ratios as a Markdown table."""
    base = costs["tuned_copy"]
    lines = [
        "| | wall, s | processor, s | peak memory, GB | wall ratio | processor ratio |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {cost.wall:.1f} | {cost.processor:.1f} "
        f"| {cost.peak_memory / 1e9:.2f} | {cost.wall / base.wall:.2f} "
        f"| {cost.processor / base.processor:.2f} |"
        for name, cost in costs.items()
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the medians of some rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=5_000_000)
    parser.add_argument("--files", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    source = generated(options.lines, options.files)
    rounds = []
    for number in range(1, options.rounds + 1):
        sys.stderr.write(f"round {number} of {options.rounds}\n")
        rounds.append(one_round(source))
    print(table({name: median([r[name] for r in rounds]) for name in rounds[0]}))  # noqa: T201 - it is what the command is for


if __name__ == "__main__":
    main()
