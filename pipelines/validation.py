"""Type one delivered file: good rows to ``validated/``, the others to quarantine.

The SQL of ``sql/staging/`` types every record and names its faults. The records that
come out are compared with the lines that went in, counted apart: a file whose
records the fast reader did not see one by one is read again by the careful one.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pipelines import engine
from pipelines.account_problems import add_account_problems
from pipelines.careful_csv import Dialect, read_dialect, read_records
from pipelines.feeds import FEEDS, Feed
from pipelines.odd_lines import Parted, part
from pipelines.raw_records import ColumnMap, RawRecords, map_columns
from pipelines.text_scan import TextFacts, UnreadableFileError, scan_text
from pipelines.typed_rows import WORKING_COLUMNS, TypedRows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import duckdb

    from pipelines.landing import LandedFile

# A row group of the validated files; two workers hold a few batches each.
BATCH_ROWS = 1 << 16
# A file with more of them has another fault than a line here and there.
MOST_ODD_LINES = 100_000


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
    typing = _Typing(RawRecords(con, FEEDS[file.feed], dialect, columns), file, out)
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


@dataclass(frozen=True)
class _Typing:
    """One file on its way through the staging SQL."""

    raw: RawRecords
    file: LandedFile
    out: OutputPaths

    def read_fast(self, text: Path, facts: TextFacts, work: Path) -> TypedRows | None:
        """Type with the fast reader, and odd lines with the careful one.

        Returns None if the fast reader cannot be trusted with the file.
        """
        import duckdb

        if not facts.is_plain or len(facts.odd_lines) > MOST_ODD_LINES:
            return None
        parted = Parted(text, None, text, (), 0)
        if facts.odd_lines:
            parted = part(text, facts.odd_lines, self.raw.dialect, work)
        records = facts.lines - parted.blank_lines - 1
        try:
            with TypedRows(self.out.validated, self.out.quarantine) as rows:
                self.raw.read_fast(parted.regular, parted.mark)
                self._type_into(rows)
                if parted.odd_rows:
                    odd = read_records(parted.odd, self.raw.dialect)
                    self._type_carefully(rows, zip(parted.odd_rows, odd, strict=True))
        except (duckdb.Error, UnreadableFileError):
            return None
        if rows.validated + rows.quarantined != records:
            return None
        if parted.odd_rows:
            rows.sort_quarantine()
        return rows

    def read_carefully(self, landed: Path) -> TypedRows:
        """Type with the careful reader, which says what is wrong with a file."""
        with TypedRows(self.out.validated, self.out.quarantine) as rows:
            records = enumerate(read_records(landed, self.raw.dialect), start=1)
            seen = self._type_carefully(rows, records)
        if rows.validated + rows.quarantined != seen:
            message = (
                f"{seen} records were read, but {rows.validated} validated and "
                f"{rows.quarantined} quarantined"
            )
            raise UnreadableFileError(message)
        return rows

    def _type_carefully(
        self, rows: TypedRows, records: Iterable[tuple[int, list[str]]]
    ) -> int:
        """Type numbered records; return how many there were."""
        faults, seen = self.raw.read_carefully(records)
        self._type_into(rows)
        if faults:
            raise faults[0]
        return sum(seen)

    def _type_into(self, rows: TypedRows) -> None:
        """Run the staging SQL over ``raw_records`` into the two output files."""
        if self.raw.feed.name == "bank_accounts":
            add_account_problems(self.raw.con)
        working = ", ".join((*WORKING_COLUMNS, "source_row"))
        kept = ", ".join(name for name in WORKING_COLUMNS if name != "record")
        is_billing = self.raw.feed.name == "billing"
        invoice = engine.quoted(self.file.invoice_number) if is_billing else "null"
        reader = self.raw.con.sql(
            f"select * exclude ({working}), "
            f"{engine.quoted(self.file.name)} as source_file, source_row, "
            f"date '{self.file.delivered_on}' as delivered_on, "
            f"cast({invoice} as varchar) as invoice_number, {kept}, "
            "case when reasons is not null "
            f"then {self.raw.record_text()} end as record "
            f"from (\n{engine.read_sql(f'staging/{self.raw.feed.name}')}\n)"
        ).to_arrow_reader(BATCH_ROWS)
        rows.write(reader.schema, reader)
