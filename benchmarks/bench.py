"""Time the main job, bare copies of its files and other programs, round by round."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.contestants import (
    CASHBACK,
    CONTESTANTS,
    PROJECT,
    STAGES,
    decisions,
    prepared,
)
from benchmarks.measure import Cost, cost_of
from benchmarks.table import table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

DATA = PROJECT / "data" / "bench"
RESULTS = DATA / "results.json"
USUAL = "plain_copy,tuned_copy,first_run,next_run,first_run_without_gate"
EVERY_SIZE, EVERY_ROUND = "1,5,20", 5


def main() -> None:
    """Print the medians of some rounds, and keep every measurement."""
    options = _options()
    sys.stderr.write(f"results go to {RESULTS}\n")
    for lines in [int(float(size) * 1e6) for size in options.sizes.split(",")]:
        source = generated(lines, options.files)
        names = [
            name
            for name in options.contestants.split(",")
            if lines <= (CONTESTANTS[name].most_lines or lines)
        ]
        rounds = measured(source, lines, names, options)
        _show(f"{lines:,} lines\n\n{table(rounds)}")
        if options.all:
            cold = one_round(source, names, is_cold=True)
            _show(f"{lines:,} lines, files not in memory\n\n{table([cold])}")
            for name, stages in stages_of(source).items():
                _show(f"{lines:,} lines, stages of {name}\n\n{stages}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", help="million lines, as in 1,5,20 (default: 5)")
    parser.add_argument("--files", type=int, default=24)
    parser.add_argument("--rounds", type=int, help="default: 3")
    parser.add_argument("--cold", action="store_true", help="forget the files first")
    parser.add_argument(
        "--contestants",
        help=f"some of {', '.join(CONTESTANTS)} (default: {USUAL})",
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help=f"{EVERY_SIZE} million lines, {EVERY_ROUND} rounds, every contestant, and "
        "then a cold round and every stage: an hour and a half",
    )
    options = parser.parse_args()
    options.sizes = options.sizes or (EVERY_SIZE if options.all else "5")
    options.rounds = options.rounds or (EVERY_ROUND if options.all else 3)
    everyone = ",".join(CONTESTANTS)
    options.contestants = options.contestants or (everyone if options.all else USUAL)
    return options


def _show(text: str) -> None:
    print(f"\n{text}", flush=True)  # noqa: T201 - it is what the command is for


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


def measured(
    source: Path, lines: int, names: list[str], options: argparse.Namespace
) -> list[dict[str, Cost]]:
    """Return what each contestant costs, round by round; keep every round."""
    rounds = []
    for number in range(1, options.rounds + 1):
        sys.stderr.write(f"{lines:,} lines, round {number} of {options.rounds}\n")
        rounds.append(one_round(source, names, is_cold=options.cold))
        keep(lines, rounds[-1])
    return rounds


def one_round(source: Path, names: list[str], *, is_cold: bool) -> dict[str, Cost]:
    """Return what each contestant costs; refuse to time one that decides otherwise.

    The newest full invoice arrives between the first run and the next one.
    """
    costs, found = {}, {}
    with worked_in(source) as (work, early, held_back):
        for name in names:
            one = CONTESTANTS[name]
            is_early = name == "first_run" and "next_run" in names
            if is_cold:
                forget(early)
            with held_back() if is_early else contextlib.nullcontext():
                folder = prepared(one, work)
                costs[name] = cost_of(one.command(early, folder))
            if one.decides and not is_early:
                found[name] = decisions(folder)
        _refuse_different(found)
    return costs


def stages_of(source: Path) -> dict[str, str]:
    """Return how long each stage takes of a first run, and of the next one."""
    with worked_in(source) as (work, early, held_back):

        def told() -> str:
            command = STAGES.command(early, prepared(STAGES, work))
            done = subprocess.run(  # noqa: S603 - our own
                command, check=True, capture_output=True, text=True
            )
            return done.stderr[done.stderr.index("| |") :].strip()

        with held_back():
            first_run = told()
        return {"first_run": first_run, "next_run": told()}


@contextlib.contextmanager
def worked_in(
    source: Path,
) -> Iterator[tuple[Path, Path, Callable[[], AbstractContextManager[None]]]]:
    """Give a folder, extracts in it, and what holds the newest full invoice back."""
    work = DATA / "work"
    shutil.rmtree(work, ignore_errors=True)
    early = work / "source"
    shutil.copytree(source, early, copy_function=lambda a, b: Path(b).hardlink_to(a))
    newest = max(early.glob("billing/*/*.csv"), key=_is_full_and_late)

    @contextlib.contextmanager
    def held_back() -> Iterator[None]:
        place = work / "held_back.csv"
        newest.rename(place)
        yield
        place.rename(newest)

    yield work, early, held_back
    shutil.rmtree(work)


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


def keep(lines: int, costs: dict[str, Cost]) -> None:
    """Add measurements to those that the picture is drawn from."""
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    new = [
        {"lines": lines, "contestant": name, **cost.as_dict()}
        for name, cost in costs.items()
    ]
    RESULTS.write_text(json.dumps([*known, *new], indent=1))


if __name__ == "__main__":
    main()
