"""Type one delivered file: good rows to ``validated/``, the others to quarantine.

The SQL of ``sql/staging/`` types every record and names its faults. The records that
come out are compared with the lines that went in, counted apart: a file whose
records the fast reader did not see one by one is read again by the careful one.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pipelines import engine, raw_records
from pipelines.account_problems import add_account_problems
from pipelines.careful_csv import Dialect, read_dialect
from pipelines.feeds import FEEDS, Feed
from pipelines.text_scan import TextFacts, UnreadableFileError, scan_text
from pipelines.typed_rows import WORKING_COLUMNS, TypedRows

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    import pyarrow as pa

    from pipelines.landing import LandedFile

# A row group of the validated files; two workers hold a few batches each.
BATCH_ROWS = 1 << 16


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


@dataclass(frozen=True)
class OutputPaths:
    """Where the typed rows of one file go."""

    validated: Path
    quarantine: Path


def validate_file(
    file: LandedFile, landed: Path, catalog: pa.Table, work: Path, out: OutputPaths
) -> FileFacts:
    """Type *landed* into the Parquet files of *out*.

    Raises:
        UnreadableFileError: the file as a whole cannot be trusted.
    """
    text = work / "text" if landed.name.lower().endswith(".gz") else landed
    dialect = _dialect(landed)
    facts = scan_text(landed, dialect.delimiter, text if text != landed else None)
    columns = raw_records.map_columns(FEEDS[file.feed], dialect.header)
    with engine.opened(work, threads=1, memory="900MB") as con:
        engine.add_tables(con, {"sku_catalog": catalog})
        typing = _Typing(con, file, dialect, columns, out)
        rows = typing.read_fast(text, facts) if facts.is_plain else None
        rows = rows or typing.read_carefully(landed)
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


def _dialect(landed: Path) -> Dialect:
    try:
        return read_dialect(landed)
    except UnreadableFileError:
        # What is wrong with the bytes says more than what it does to the header.
        scan_text(landed, ",")
        raise


@dataclass(frozen=True)
class _Typing:
    """One file on its way through the staging SQL."""

    con: duckdb.DuckDBPyConnection
    file: LandedFile
    dialect: Dialect
    columns: raw_records.ColumnMap
    out: OutputPaths

    @property
    def feed(self) -> Feed:
        return FEEDS[self.file.feed]

    def read_fast(self, text: Path, facts: TextFacts) -> TypedRows | None:
        """Type with the fast reader; None if it cannot have seen every cell."""
        import duckdb

        # It drops surplus cells that are empty: of those, there may be none.
        cuts = len(self.dialect.header) - 1
        if facts.delimiters != cuts * facts.lines:
            return None
        try:
            raw_records.create_fast(
                self.con, self.feed, text, self.dialect, self.columns
            )
            rows = self._typed_rows()
        except duckdb.Error:
            return None
        is_whole = rows.validated + rows.quarantined == facts.lines - 1
        return rows if is_whole else None

    def read_carefully(self, landed: Path) -> TypedRows:
        """Type with the careful reader, which says what is wrong with a file."""
        faults, seen = raw_records.create_careful(
            self.con, self.feed, landed, self.dialect, self.columns
        )
        rows = self._typed_rows()
        if faults:
            raise faults[0]
        if rows.validated + rows.quarantined != sum(seen):
            message = (
                f"{sum(seen)} records were read, but {rows.validated} validated and "
                f"{rows.quarantined} quarantined"
            )
            raise UnreadableFileError(message)
        return rows

    def _typed_rows(self) -> TypedRows:
        """Run the staging SQL over ``raw_records`` into the two output files."""
        if self.feed.name == "bank_accounts":
            add_account_problems(self.con)
        working = ", ".join((*WORKING_COLUMNS, "source_row"))
        kept = ", ".join(name for name in WORKING_COLUMNS if name != "record")
        is_billing = self.feed.name == "billing"
        invoice = engine.quoted(self.file.invoice_number) if is_billing else "null"
        reader = self.con.sql(
            f"select * exclude ({working}), "
            f"{engine.quoted(self.file.name)} as source_file, source_row, "
            f"date '{self.file.delivered_on}' as delivered_on, "
            f"cast({invoice} as varchar) as invoice_number, {kept}, "
            "case when reasons is not null then record end as record "
            f"from (\n{engine.read_sql(f'staging/{self.feed.name}')}\n)"
        ).to_arrow_reader(BATCH_ROWS)
        rows = TypedRows(self.out.validated, self.out.quarantine)
        rows.write(reader.schema, reader)
        return rows
