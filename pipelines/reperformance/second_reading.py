"""A run decided again by the second reading, and compared with what was published."""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING, Any

from pipelines.paths import PROJECT_DIR
from pipelines.reperformance.comparison import KEYS, TableComparison, compare
from pipelines.reperformance.published_rows import published_rows
from pipelines.second_reading import Refused, decide
from pipelines.second_reading.recorded_terms import terms_of
from pipelines.second_reading.tables import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pipelines.progress import Progress
    from pipelines.recorded import RecordedRun
    from pipelines.second_reading import Result, Terms


@functools.cache
def second_reading_version() -> str:
    """Return the digest of the second reading's own files."""
    digest = hashlib.sha256()
    for path in sorted((PROJECT_DIR / "pipelines" / "second_reading").glob("*.py")):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def decided_by_second_reading(
    run: RecordedRun, source: Path, progress: Progress
) -> tuple[list[TableComparison], str | None]:
    """Compare every table; or return why the second reading refuses.

    Raises:
        DifferenceError: the terms or the catalogue are not those of the run.
        OSError, pyarrow.ArrowException: a published file is missing or damaged.
    """
    try:
        terms = terms_of(run.manifest["terms"])
        result = decide(
            source,
            run.campaign().catalog.path,
            terms,
            run.as_of,
            run.known_at,
            run.max_quarantine_share,
            lambda files: progress.track(files, "second reading", len(files)),
        )
    except Refused as refused:
        return [], str(refused)
    return [_compared(table, run, result, terms) for table in KEYS], None


def _compared(
    table: str, run: RecordedRun, result: Result, terms: Terms
) -> TableComparison:
    published = published_rows(table, run.folder, run.home, run.manifest)
    return compare(table, published, _computed(table, run, result, terms))


def _computed(
    table: str, run: RecordedRun, result: Result, terms: Terms
) -> Iterable[dict[str, Any]]:
    if table == "run":
        yield {
            "run_id": run.run_id,
            "is_final": result.final,
            "measured_on": terms.measured_on(result.as_of).isoformat(),
        }
    elif table == "rows":
        yield from _counts(result)
    else:
        yield from rows_of(table, result, terms)


def _counts(result: Result) -> Iterator[dict[str, Any]]:
    for feed, counts in result.rows.items():
        yield {"feed": feed, **counts}
