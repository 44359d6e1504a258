"""A run computed again by the whole pipeline, in an empty home, and compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.errors import DataError
from pipelines.files import sha256_of_file, working_folder
from pipelines.home import usable
from pipelines.outputs import TABLES
from pipelines.reperformance.comparison import TableComparison, compare
from pipelines.reperformance.published_rows import (
    published_rows,
    rows_of_file,
    typed_path,
)
from pipelines.request import RunRequest
from pipelines.run import prepared
from pipelines.versions import code_version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipelines.progress import Progress
    from pipelines.recorded import RecordedRun
    from pipelines.run import PublishedRun


@dataclass(frozen=True)
class SameCode:
    """What the pipeline came to: which files differ, and in which rows."""

    is_same_version: bool
    # Files of the run that have other bytes now; empty if every byte is the same.
    different_files: tuple[str, ...] = ()
    tables: tuple[TableComparison, ...] = ()
    refusal: str | None = None


def computed_by_same_code(
    run: RecordedRun, source: Path, home: Path, progress: Progress
) -> SameCode:
    """Compute the run from *source* in the empty *home*, and compare.

    Raises:
        DifferenceError: the terms or the catalogue are not those of the run.
        HomeError: there is no room for an empty home.
        OSError, pyarrow.ArrowException: a published file is missing or damaged.
    """
    is_same_version = run.manifest["code"]["digest"] == code_version()
    request = RunRequest(
        str(source),
        home,
        as_of=run.as_of,
        known_at=run.known_at,
        max_quarantine_share=run.max_quarantine_share,
    )
    try:
        with usable(home), working_folder(home) as work:
            job, notices = prepared(request, run.campaign(), work, progress)
            again = job.compute(notices, work, progress)
    except DataError as refused:
        return SameCode(is_same_version, refusal=str(refused))
    different = tuple(_different_files(run, again))
    if is_same_version and not different:
        return SameCode(is_same_version)
    tables = [*_tables(run, again, home), *_typed_rows(run, again, home)]
    return SameCode(is_same_version, different, tuple(tables))


def _different_files(run: RecordedRun, again: PublishedRun) -> Iterator[str]:
    """Yield the names of files that have other bytes, or are on one side alone."""
    names = {path.name for path in [*run.folder.iterdir(), *again.path.iterdir()]}
    for name in sorted(names):
        if _digest(run.folder / name) != _digest(again.path / name):
            yield name


def _digest(path: Path) -> str | None:
    return sha256_of_file(path) if path.is_file() else None


def _tables(
    run: RecordedRun, again: PublishedRun, home: Path
) -> Iterator[TableComparison]:
    for table in (*TABLES, "quarantine"):
        yield compare(
            table,
            published_rows(table, run.folder, run.home, run.manifest),
            published_rows(table, again.path, home, again.manifest),
        )


def _typed_rows(
    run: RecordedRun, again: PublishedRun, home: Path
) -> Iterator[TableComparison]:
    """Compare the typed rows of files whose bytes are not those that were received."""
    now = {_place(item): item["sha256"] for item in again.manifest["inputs"]}
    for item in run.manifest["inputs"]:
        if now.get(_place(item), item["sha256"]) != item["sha256"]:
            yield compare(
                f"validated/{_place(item)}",
                rows_of_file(typed_path(run.home, "validated", item)),
                rows_of_file(typed_path(home, "validated", item)),
                ("source_row",),
            )


def _place(item: dict[str, Any]) -> str:
    return f"{item['feed']}/{item['delivery']}/{item['file']}"
