"""Time the main job, bare copies of its files and other programs, round by round."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

from benchmarks.contestants import CASHBACK, CONTESTANTS, PROJECT, decisions, prepared
from benchmarks.measure import Cost, cost_of
from benchmarks.table import table

DATA = PROJECT / "data" / "bench"
RESULTS = DATA / "results.json"
USUAL = "plain_copy,tuned_copy,first_run,next_run,first_run_without_gate"


def main() -> None:
    """Print the medians of some rounds, and keep every measurement."""
    options = _options()
    sys.stderr.write(f"results go to {RESULTS}\n")
    for lines in [int(float(size) * 1e6) for size in options.sizes.split(",")]:
        source = generated(lines, options.files)
        rounds = []
        for number in range(1, options.rounds + 1):
            sys.stderr.write(f"{lines:,} lines, round {number} of {options.rounds}\n")
            names = options.contestants.split(",")
            rounds.append(one_round(source, names, is_cold=options.cold))
        keep(lines, rounds)
        print(f"\n{lines:,} lines\n\n{table(rounds)}")  # noqa: T201 - it is what the command is for


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="5", help="million lines, as in 1,5,20")
    parser.add_argument("--files", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cold", action="store_true", help="forget the files first")
    parser.add_argument(
        "--contestants",
        default=USUAL,
        help=f"some of {', '.join(CONTESTANTS)}",
    )
    return parser.parse_args()


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


def one_round(source: Path, names: list[str], *, is_cold: bool) -> dict[str, Cost]:
    """Return what each contestant costs; refuse to time one that decides otherwise.

    The newest full invoice arrives between the first run and the next one.
    """
    work = DATA / "work"
    shutil.rmtree(work, ignore_errors=True)
    early = work / "source"
    shutil.copytree(source, early, copy_function=lambda a, b: Path(b).hardlink_to(a))
    held_back = work / "held_back.csv"
    newest = max(early.glob("billing/*/*.csv"), key=_is_full_and_late)
    costs, found = {}, {}
    for name in names:
        one = CONTESTANTS[name]
        if name == "first_run" and "next_run" in names:
            newest.rename(held_back)
        if is_cold:
            forget(early)
        folder = prepared(one, work)
        costs[name] = cost_of(one.command(early, folder))
        if held_back.exists():
            held_back.rename(newest)
        elif one.decides:
            found[name] = decisions(folder)
    _refuse_different(found)
    shutil.rmtree(work)
    return costs


def _is_full_and_late(path: Path) -> tuple[bool, str]:
    # A restated invoice is a small file of its own: take a full monthly one.
    return path.stat().st_size > 1 << 20, path.parent.name


def forget(source: Path) -> None:
    """Let the system drop what it keeps of the files in memory."""
    for path in source.rglob("*.*"):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _refuse_different(found: dict[str, set[tuple[str, ...]]]) -> None:
    for name, decided in found.items():
        first, expected = next(iter(found.items()))
        if decided != expected:
            example = sorted(decided ^ expected)[0]
            sys.exit(f"{name} and {first} decide differently, for one on {example}")


def keep(lines: int, rounds: list[dict[str, Cost]]) -> None:
    """Add measurements to those that the picture is drawn from."""
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    new = [
        {"lines": lines, "contestant": name, **cost.as_dict()}
        for costs in rounds
        for name, cost in costs.items()
    ]
    RESULTS.write_text(json.dumps([*known, *new], indent=1))


if __name__ == "__main__":
    main()
