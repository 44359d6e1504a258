"""Who is timed: each a command of its own, so that its whole process counts."""

from __future__ import annotations

import csv
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PROJECT = Path(__file__).parent.parent
PEERS = PROJECT / ".cache" / "bench" / "bin" / "python"
CASHBACK = [sys.executable, "-m", "pipelines.cli"]


@dataclass(frozen=True)
class Contestant:
    """A job over one set of extracts, and what it says in the table."""

    name: str
    command: Callable[[Path, Path], Sequence[str]]
    decides: bool = True
    # Where its work lies; the next run goes on from the first one's home.
    place: str = ""
    # With more, it runs out of the memory of the machine that the figures are of.
    most_lines: int | None = None


def _copy(kind: str) -> Callable[[Path, Path], Sequence[str]]:
    module = [sys.executable, "-m", "benchmarks.copies", kind]
    return lambda source, work: [*module, str(source), str(work)]


def _run(*interpreter: str) -> Callable[[Path, Path], Sequence[str]]:
    def command(source: Path, work: Path) -> Sequence[str]:
        # The delivery that is held back may be the newest: all decide one day.
        known_at = max(path.name for path in source.glob("*/*-*-*"))
        options = ["--source", str(source), "--home", str(work)]
        return [*interpreter, "run", *options, "--known-at", known_at]

    return command


def _peer(module: str, *options: str) -> Callable[[Path, Path], Sequence[str]]:
    program = [str(PEERS), "-m", f"benchmarks.peers.{module}"]
    return lambda source, work: [*program, str(source), str(work), *options]


CONTESTANTS = {
    one.name: one
    for one in (
        Contestant("plain_copy", _copy("plain"), decides=False),
        Contestant("tuned_copy", _copy("tuned"), decides=False),
        Contestant("first_run", _run(*CASHBACK)),
        Contestant("next_run", _run(*CASHBACK), place="first_run"),
        Contestant(
            "first_run_without_gate",
            _run(sys.executable, "-m", "benchmarks.without_gate"),
        ),
        Contestant("polars", _peer("polars_job")),
        Contestant("pandas", _peer("pandas_job")),
        Contestant("pandas_gx", _peer("pandas_job", "--checks"), most_lines=5_000_000),
    )
}
# No contestant: it says what the time of the first and of the next run is spent on.
STAGES = Contestant(
    "stages", _run(sys.executable, "-m", "benchmarks.stages"), place="stages"
)


def decisions(work: Path) -> set[tuple[str, ...]]:
    """Return what a contestant decided, in one form for all of them."""
    if (work / "decisions.csv").exists():
        with (work / "decisions.csv").open(encoding="utf-8", newline="") as file:
            return {tuple(row) for row in csv.reader(file)}
    newest = max(work.glob("runs/*/*/*"), key=lambda folder: folder.stat().st_mtime)
    with duckdb.connect() as con:
        rows = con.execute(
            "select coalesce(partner_id, ''), customer_id, "
            "cast(onboarded_on as varchar), cast(billed_seats as varchar), "
            "coalesce(cast(assigned_seats as varchar), ''), decision, "
            "array_to_string(failed_rules, ' '), array_to_string(pending_rules, ' '), "
            f"cast(reward_amount as varchar) from '{newest}/customer_decisions.parquet'"
        ).fetchall()
    return set(rows)


def prepared(one: Contestant, work: Path) -> Path:
    """Return the folder that a contestant works in: empty, or where it goes on."""
    folder = work / (one.place or one.name)
    if not one.place:
        shutil.rmtree(folder, ignore_errors=True)
    return folder
