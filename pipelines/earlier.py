"""The deliveries that full snapshots replaced: how many records each held.

They count for nothing but a comparison, so what cannot be read is not compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.careful_csv import read_dialect, read_records
from pipelines.errors import DataError
from pipelines.text_scan import scan_text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    from pipelines.deliveries import Deliveries
    from pipelines.landing import LandedFile


@dataclass(frozen=True)
class EarlierDelivery:
    """What a full snapshot held before the one in force."""

    feed: str
    delivered_on: dt.date
    rows_read: int
    # Nothing has changed since, to the byte.
    has_same_bytes: bool


def earlier_deliveries(deliveries: Deliveries, landing: Path) -> list[EarlierDelivery]:
    """Return the delivery before the one in force, of each feed that has one."""
    found = []
    for feed in sorted({file.feed for file in deliveries.earlier}):
        files = [file for file in deliveries.earlier if file.feed == feed]
        rows = _records(files, landing)
        if rows is not None:
            same = _digests(files) == _digests(deliveries.of(feed))
            found.append(EarlierDelivery(feed, files[0].delivered_on, rows, same))
    return found


def _digests(files: Sequence[LandedFile]) -> list[str]:
    return sorted(file.sha256 for file in files)


def _records(files: Sequence[LandedFile], landing: Path) -> int | None:
    try:
        return sum(_records_of(file.path_in(landing)) for file in files)
    except (DataError, OSError):
        return None


def _records_of(path: Path) -> int:
    dialect = read_dialect(path)
    seen = scan_text(path, dialect.delimiter, len(dialect.header))
    if seen.is_plain and not seen.odd_lines:
        return seen.lines - 1
    return sum(1 for _ in read_records(path, dialect))
