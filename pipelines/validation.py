"""Type one delivered file: good rows to ``validated/``, the others to quarantine.

A scan of the bytes says what the file holds; ``file_typing`` reads it, and what is
known of the file is told from both.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pipelines.careful_csv import Dialect, read_dialect
from pipelines.feeds import FEEDS, Feed
from pipelines.file_typing import FileTyping
from pipelines.header import ColumnMap, map_columns
from pipelines.raw_records import RawRecords
from pipelines.text_scan import UnreadableFileError, scan_text

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from pipelines.landing import LandedFile
    from pipelines.typed_rows import OutputPaths


@dataclass(frozen=True)
class FileFacts:
    """What is known of one file once it is typed: counts, sums, digests."""

    rows_read: int
    rows_validated: int
    rows_quarantined: int
    reasons: dict[str, int]
    unknown_columns: tuple[str, ...]
    # The sum of every record's readable TotalForCustomer; None in other feeds.
    total_for_customer: str | None
    validated_sha256: str
    quarantine_sha256: str

    def as_dict(self) -> dict[str, Any]:
        """Return the facts as JSON has them."""
        return asdict(self) | {"unknown_columns": list(self.unknown_columns)}

    @classmethod
    def from_dict(cls, facts: dict[str, Any]) -> FileFacts:
        """Return the facts that ``as_dict`` gave."""
        return cls(**facts | {"unknown_columns": tuple(facts["unknown_columns"])})


def validate_file(
    file: LandedFile,
    landed: Path,
    con: duckdb.DuckDBPyConnection,
    work: Path,
    out: OutputPaths,
) -> FileFacts:
    """Type *landed* into the Parquet files of *out*, in a database with the catalogue.

    Raises:
        UnreadableFileError: the file as a whole cannot be trusted.
    """
    text = work / "text" if landed.name.lower().endswith(".gz") else landed
    dialect, columns = _header(FEEDS[file.feed], landed)
    facts = scan_text(
        landed,
        dialect.delimiter,
        len(dialect.header),
        copy_to=text if text != landed else None,
    )
    raw = RawRecords(con, FEEDS[file.feed], dialect, columns)
    typing = FileTyping(raw, file, out)
    rows = typing.read_fast(text, facts, work) or typing.read_carefully(landed)
    rows.refuse_mixed_styles()
    validated_sha256, quarantine_sha256 = rows.digests()
    is_billing = file.feed == "billing"
    return FileFacts(
        rows_read=rows.validated + rows.quarantined,
        rows_validated=rows.validated,
        rows_quarantined=rows.quarantined,
        reasons=dict(sorted(rows.reasons.items())),
        unknown_columns=columns.unknown,
        total_for_customer=str(rows.total_for_customer) if is_billing else None,
        validated_sha256=validated_sha256,
        quarantine_sha256=quarantine_sha256,
    )


def _header(feed: Feed, landed: Path) -> tuple[Dialect, ColumnMap]:
    try:
        dialect = read_dialect(landed)
        return dialect, map_columns(feed, dialect.header)
    except UnreadableFileError:
        # What is wrong with the bytes says more than what it does to the header.
        scan_text(landed, ",", 1)
        raise
