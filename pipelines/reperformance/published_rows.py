"""The rows of a published run, one after another, as they lie on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.outputs import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Row = dict[str, Any]


def published_rows(
    table: str, folder: Path, home: Path, manifest: Row
) -> Iterator[Row]:
    """Yield the rows of one table of a run, of its quarantine, or of its counts.

    Raises:
        OSError, pyarrow.ArrowException: a file is missing or damaged.
    """
    if table == "run":
        yield {name: manifest[name] for name in ("run_id", "is_final", "measured_on")}
    elif table == "rows":
        for feed, counts in manifest["rows"].items():
            yield {"feed": feed, **counts}
    elif table == "quarantine":
        yield from _quarantine(home, manifest)
    else:
        yield from rows_of_file(folder / f"{table}.parquet", TABLES[table])


def rows_of_file(path: Path, columns: Mapping[str, str] | None = None) -> Iterator[Row]:
    """Yield the rows of a Parquet file, a batch in memory at a time."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=list(columns) if columns else None):
            yield from batch.to_pylist()


def typed_path(home: Path, folder: str, item: Mapping[str, Any]) -> Path:
    """Return where the typed or quarantined rows of an input lie."""
    place = f"{item['feed']}/delivery={item['delivery']}/{item['file']}.parquet"
    return home / folder / place


def _quarantine(home: Path, manifest: Row) -> Iterator[Row]:
    for item in manifest["inputs"]:
        for row in rows_of_file(typed_path(home, "quarantine", item)):
            yield {
                "feed": item["feed"],
                "delivery": item["delivery"],
                "file": item["file"],
                "source_row": row["source_row"],
                "customer_id": row["customer_id"],
                "reasons": row["reasons"],
            }
