"""Judge a run's tables while they are made: in a process of its own, on another core.

To import Great Expectations and to let it think takes seconds of Python, which one
process would only take turns in. Where it is imported already, no process is needed.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import uuid
from dataclasses import asdict
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, Protocol, cast

from pipelines import engine
from pipelines.errors import DataError
from pipelines.expectations import Verdict, validate
from pipelines.paths import PROJECT_DIR
from pipelines.suites import Expected, load_suites

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import duckdb

    from pipelines.suites import JudgedRows

_waiting: list[subprocess.Popen[str]] = []


def is_imported() -> bool:
    """Whether this process has paid for the library already."""
    return "great_expectations" in sys.modules


def begin() -> None:
    """Let a judge get ready, so that it need not be waited for."""
    if not _waiting and not is_imported():
        path = os.pathsep.join([str(PROJECT_DIR), os.environ.get("PYTHONPATH", "")])
        process = subprocess.Popen(
            [sys.executable, "-m", "pipelines.judging_apart"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": path.rstrip(os.pathsep)},
            # Whoever interrupts the run means the run: it takes its judge along.
            start_new_session=True,
        )
        _waiting.append(process)


@contextlib.contextmanager
def judge(work: Path) -> Iterator[Judge]:
    """Give a judge, who is gone at the end."""
    begin()
    # What follows a question mark in the path of a database is no path to DuckDB: then
    # nothing can be handed over.
    if not _waiting or "?" in str(work):
        yield JudgeHere()
        return
    process = _waiting.pop()
    try:
        yield JudgeApart(process, work)
    finally:
        _end(process)


class Judge(Protocol):
    """Is asked of tables, and answers in the end."""

    def ask(
        self,
        con: duckdb.DuckDBPyConnection,
        names: Sequence[str],
        tables: Sequence[str],
        judged: Mapping[str, JudgedRows] = ...,
        written: Mapping[str, Path] = ...,
    ) -> None:
        """Ask the suites of *names*, which read *tables* and those of before.

        Of tables that are *written* to a file, the file may be read instead.
        """

    def answers(self) -> list[Verdict]:
        """Return every verdict, in the order that was asked.

        Raises:
            DataError: there is no verdict on some expectation.
        """


class JudgeHere:
    """Judges at once, in this process."""

    def __init__(self) -> None:
        self._verdicts: list[Verdict] = []

    def ask(
        self,
        con: duckdb.DuckDBPyConnection,
        names: Sequence[str],
        tables: Sequence[str],
        judged: Mapping[str, JudgedRows] = MappingProxyType({}),
        written: Mapping[str, Path] = MappingProxyType({}),
    ) -> None:
        """Judge the tables that the suites of *names* are about."""
        del tables, written  # they are all here
        self._verdicts += validate(con, load_suites(names), judged)

    def answers(self) -> list[Verdict]:
        """Return every verdict, in the order that was asked."""
        return self._verdicts


class JudgeApart:
    """Hands tables to the process that judges them, and goes on."""

    def __init__(self, process: subprocess.Popen[str], work: Path) -> None:
        self._work = work
        # Both were asked for when it was started.
        self._in, self._out = (
            cast("IO[str]", process.stdin),
            cast("IO[str]", process.stdout),
        )
        self._asked = 0

    def ask(
        self,
        con: duckdb.DuckDBPyConnection,
        names: Sequence[str],
        tables: Sequence[str],
        judged: Mapping[str, JudgedRows] = MappingProxyType({}),
        written: Mapping[str, Path] = MappingProxyType({}),
    ) -> None:
        """Hand on *tables* and all views, for the suites of *names* to be judged."""
        path = self._work / f"{uuid.uuid4().hex}.duckdb"
        if tables:
            _hand_over(con, tables, path)
        found = con.execute(
            "select sql from duckdb_views() where not internal order by view_oid"
        )
        views = [sql for (sql,) in found.fetchall()]
        views += [
            f"CREATE VIEW {table} AS {engine.rows_of([file])}"
            for table, file in written.items()
        ]
        question = {
            "work": str(self._work),
            "database": str(path),
            "tables": list(tables),
            "views": views,
            "suites": list(names),
            "judged": {name: asdict(rows) for name, rows in judged.items()},
        }
        self._asked += 1
        with contextlib.suppress(BrokenPipeError):  # told by the answer that is missing
            self._in.write(json.dumps(question) + "\n")
            self._in.flush()

    def answers(self) -> list[Verdict]:
        """Return every verdict, in the order that was asked.

        Raises:
            DataError: there is no verdict on some expectation.
        """
        found: list[Verdict] = []
        for _ in range(self._asked):
            line = self._out.readline()
            answer: dict[str, Any] = json.loads(line) if line else {"refusal": _GONE}
            if "refusal" in answer:
                raise DataError(answer["refusal"])
            found += map(_told, answer["verdicts"])
        return found


def _told(verdict: dict[str, Any]) -> Verdict:
    """Return a verdict that was told as JSON."""
    expected = Expected(**verdict["expected"])
    examples = tuple(verdict["examples"])
    return Verdict(**verdict | {"expected": expected, "examples": examples})


def _hand_over(
    con: duckdb.DuckDBPyConnection, tables: Sequence[str], path: Path
) -> None:
    # They are read once: to pack them tight would take longer than that.
    con.execute("set force_compression = 'uncompressed'")
    con.execute(f"attach {engine.quoted(str(path))} as handed")
    for table in tables:
        con.execute(f"create table handed.{table} as from {table}")
    con.execute("detach handed")
    con.execute("reset force_compression")


_GONE = (
    "the process that judges the expectations has ended, so nothing was published; run "
    "again, and report it as a defect if it does so again."
)


def _end(process: subprocess.Popen[str]) -> None:
    """End a judge; what it was asked is of no interest any more."""
    process.kill()
    process.communicate()


@atexit.register
def _end_waiting() -> None:
    while _waiting:
        _end(_waiting.pop())
