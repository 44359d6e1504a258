"""Compute a run again from what was received, and compare it row by row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pipelines.errors import DifferenceError
from pipelines.files import sha256_of_file, working_folder
from pipelines.reperformance.agreement import agreement
from pipelines.reperformance.second_reading import decided_by_second_reading
from pipelines.reperformance.source import lay_out_source
from pipelines.verify import verify_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipelines.progress import Progress
    from pipelines.recorded import RecordedRun
    from pipelines.reperformance.comparison import TableComparison
    from pipelines.reperformance.same_code import SameCode

SQL, PYTHON = "sql", "python"
ENGINES = {"sql": (SQL,), "python": (PYTHON,), "both": (SQL, PYTHON)}


@dataclass(frozen=True)
class SecondReading:
    """What the second engine came to."""

    tables: tuple[TableComparison, ...] = ()
    refusal: str | None = None


@dataclass(frozen=True)
class Reperformed:
    """A run, computed again: what has changed on the disk, and what each engine says.

    ``changed`` names files of the run, or that went into it, that are not as they were;
    if one that it read is missing, nothing is computed. An engine that was not asked is
    None. ``agreement`` is what may be recorded, if the second reading was asked and
    nothing differs.
    """

    run: RecordedRun
    changed: tuple[str, ...]
    same_code: SameCode | None = None
    second_reading: SecondReading | None = None
    agreement: dict[str, Any] | None = None

    @property
    def differences(self) -> tuple[str, ...]:
        """Every difference in a sentence: files first, then what each engine says."""
        return (*self.changed, *_said(self))


def reperform(
    run: RecordedRun, engines: tuple[str, ...], progress: Progress
) -> Reperformed:
    """Compute *run* again by each of *engines*, and compare; nothing is recorded.

    Raises:
        DifferenceError: the terms or the catalogue are not those of the run, or a
            published file cannot be read.
    """
    if missing := tuple(_missing_inputs(run)):
        return Reperformed(run, missing)
    found = Reperformed(run, tuple(_changed_files(run)))
    with working_folder(run.home) as work:
        source = lay_out_source(run, work / "source")
        if SQL in engines:
            from pipelines.reperformance.same_code import computed_by_same_code

            home = work / "home"
            found = replace(
                found,
                same_code=_readable(run, computed_by_same_code, source, home, progress),
            )
        if PYTHON in engines:
            found = replace(found, second_reading=second_reading(run, source, progress))
    return _agreed(found)


def second_reading(run: RecordedRun, source: Path, progress: Progress) -> SecondReading:
    """Let the second engine decide the run from *source*, and compare.

    Raises:
        DifferenceError: the terms are not those of the run, or a file of it cannot
            be read.
    """
    compared = _readable(run, decided_by_second_reading, source, progress)
    tables, refusal = compared
    return SecondReading(tuple(tables), refusal)


def _agreed(found: Reperformed) -> Reperformed:
    """Both engines agree: the published run itself is what the SQL engine says."""
    read = found.second_reading
    if read is None or found.differences:
        return found
    return replace(found, agreement=agreement(found.run, read.tables))


def _readable(run: RecordedRun, compare: Any, *arguments: Any) -> Any:
    """Say in a sentence that a published file is damaged, whoever finds out."""
    import pyarrow as pa

    try:
        return compare(run, *arguments)
    except (OSError, pa.ArrowException) as error:
        message = (
            f"run {run.run_id} cannot be compared: {str(error).splitlines()[0]}. "
            "`cashback verify` names each file that is not as it was published."
        )
        raise DifferenceError(message) from error


def _missing_inputs(run: RecordedRun) -> Iterator[str]:
    for file in run.received():
        path = file.path_in(run.home / "landing")
        if not path.is_file():
            yield f"{path} is missing, so nothing was computed again"


def _changed_files(run: RecordedRun) -> Iterator[str]:
    yield from verify_run(run.home, run.folder)[1]
    for file in run.compared_with():
        path = file.path_in(run.home / "landing")
        if sha256_of_file(path) != file.sha256:
            yield f"{path} has other bytes than were received"


def _said(found: Reperformed) -> Iterator[str]:
    if code := found.same_code:
        if code.refusal:
            yield f"the pipeline refuses the data: {code.refusal}"
        who = "same code" if code.is_same_version else "today's code"
        yield from _of_tables(who, code.tables)
        if code.is_same_version:
            for name in code.different_files:
                yield f"same code: {name} has other bytes"
    if read := found.second_reading:
        if read.refusal:
            yield f"the second reading refuses: {read.refusal}"
        yield from _of_tables("second reading", read.tables)


def _of_tables(who: str, tables: tuple[TableComparison, ...]) -> Iterator[str]:
    for table in tables:
        for example in table.examples:
            yield f"{who}: {example}"
        shown = {str(example.key) for example in table.examples}
        if table.different_rows > len(shown):
            more = table.different_rows - len(shown)
            yield f"{who}: {table.table}: {more:,} more rows differ"
