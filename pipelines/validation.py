"""Type one delivered file: good rows to ``validated/``, the others to quarantine.

The SQL of ``sql/staging/`` types every record and names its faults. The rows that
come out are compared with the lines that went in, counted apart: a file whose
records the fast reader did not see one by one is read again by the careful one.
"""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipelines import engine, raw_records
from pipelines.bank_account import account_problem
from pipelines.careful_csv import Dialect, read_dialect
from pipelines.feeds import FEEDS, Feed
from pipelines.files import sha256_of_file
from pipelines.text_scan import UnreadableFileError, scan_text

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    import pyarrow as pa

    from pipelines.landing import LandedFile

# Beside the contract's columns: for the reading of a single row, not kept.
WORKING_COLUMNS = (
    "record",
    "reasons",
    "date_styles",
    "quarantined_customer_id",
    "quarantined_partner_id",
    "quarantined_snapshot_date",
)
ACCOUNT_FIELDS = (
    "beneficiary_name",
    "town_name",
    "country",
    "iban",
    "account_number",
    "bic",
    "routing_number",
)
DATE_STYLES = {1: "ISO 8601", 2: "M/D/YYYY", 4: "D.M.YYYY"}
SMALL_FILE_BYTES = 8 << 20
PARQUET = "format parquet, compression zstd, compression_level 1"


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
    file: LandedFile, landed: Path, catalog: pa.Table, work: Path, out: OutputPaths
) -> FileFacts:
    """Type *landed* into the Parquet files of *out*.

    Raises:
        UnreadableFileError: the file as a whole cannot be trusted.
    """
    feed = FEEDS[file.feed]
    text = work / "text" if landed.name.lower().endswith(".gz") else landed
    facts = scan_text(landed, text if text != landed else None)
    dialect = read_dialect(landed)
    columns = raw_records.map_columns(feed, dialect.header)
    with engine.opened(work, threads=1, memory="900MB") as con:
        engine.add_tables(con, {"sku_catalog": catalog})
        typing = _Typing(con, file, feed, dialect, columns, out)
        if not facts.is_plain or not typing.read_fast(text, facts.lines - 1):
            typing.read_carefully(landed)
        return typing.facts()


@dataclass(frozen=True)
class OutputPaths:
    """Where the typed rows of one file go."""

    validated: Path
    quarantine: Path


class _Typing:
    """One file on its way through the staging SQL."""

    def __init__(  # noqa: PLR0913, PLR0917 - what one file consists of
        self,
        con: duckdb.DuckDBPyConnection,
        file: LandedFile,
        feed: Feed,
        dialect: Dialect,
        columns: raw_records.ColumnMap,
        out: OutputPaths,
    ) -> None:
        self.con, self.file, self.feed = con, file, feed
        self.dialect, self.columns, self.out = dialect, columns, out
        self.validated = 0

    def read_fast(self, text: Path, records: int) -> bool:
        """Type with the fast reader; False if it did not see all *records*."""
        import duckdb

        try:
            raw_records.create_fast(
                self.con, self.feed, text, self.dialect, self.columns
            )
            # Planning the SQL costs more than typing a small file: plan it once.
            self._stage("table" if text.stat().st_size < SMALL_FILE_BYTES else "view")
            self.validated = self._write_validated()
            self._set_aside_others(records - self.validated)
        except duckdb.Error:
            return False
        return self.validated + self._quarantined() == records

    def read_carefully(self, landed: Path) -> None:
        """Type with the careful reader, which says what is wrong with a file."""
        faults = raw_records.create_careful(
            self.con, self.feed, landed, self.dialect, self.columns
        )
        self._stage("table")
        if faults:
            raise faults[0]
        self.validated = self._write_validated()
        records = engine.row_count(self.con, "staged_records")
        self._set_aside_others(records - self.validated)
        if self.validated + self._quarantined() != records:
            message = (
                f"{records} records were read, but {self.validated} validated and "
                f"{self._quarantined()} quarantined"
            )
            raise UnreadableFileError(message)

    def _stage(self, kind: str) -> None:
        import duckdb

        if self.feed.name == "bank_accounts":
            _judge_accounts(self.con)
        for other in ("view", "table"):
            with contextlib.suppress(duckdb.CatalogException):
                self.con.execute(f"drop {other} if exists staged_records")
        self.con.execute(
            f"create temporary {kind} staged_records as (\n"
            f"{engine.read_sql(f'staging/{self.feed.name}')}\n)"
        )

    def _write_validated(self) -> int:
        """Write the rows without faults, in order; return their number."""
        kept = ", ".join((*WORKING_COLUMNS, "source_row"))
        invoice = (
            f", {engine.quoted(self.file.invoice_number)} as invoice_number"
            if self.feed.name == "billing"
            else ", cast(null as varchar) as invoice_number"
        )
        ((rows,),) = self.con.execute(
            f"copy (select * exclude ({kept}), {engine.quoted(self.file.name)} "
            "as source_file, source_row, "
            f"date '{self.file.delivered_on}' as delivered_on{invoice}, date_styles "
            "from staged_records where reasons is null) "
            f"to {engine.quoted(str(self.out.validated))} ({PARQUET})"
        ).fetchall()
        return int(rows)

    def _set_aside_others(self, expected: int) -> None:
        """Keep the faulty rows in a table; without any, do not look for them."""
        self.con.execute(
            "create or replace temporary table faulty_records as "
            "select source_row, quarantined_customer_id, quarantined_partner_id, "
            "quarantined_snapshot_date, string_split(reasons, ',') as reasons, "
            "record, date_styles, "
            f"{self._total_column()} as total_for_customer from staged_records "
            f"where reasons is not null and {expected > 0}"
        )

    def _quarantined(self) -> int:
        return engine.row_count(self.con, "faulty_records")

    def _total_column(self) -> str:
        has_total = self.feed.name == "billing"
        return "total_for_customer" if has_total else "cast(null as decimal(18, 2))"

    def facts(self) -> FileFacts:
        """Write the quarantine, check the file as a whole, return its facts."""
        self._refuse_mixed_styles()
        self.con.execute(
            f"copy (select {engine.quoted(self.file.name)} as source_file, source_row, "
            "quarantined_customer_id as customer_id, "
            "quarantined_partner_id as partner_id, "
            "quarantined_snapshot_date as snapshot_date, reasons, record "
            "from faulty_records order by source_row) "
            f"to {engine.quoted(str(self.out.quarantine))} ({PARQUET})"
        )
        quarantined = self._quarantined()
        return FileFacts(
            rows_read=self.validated + quarantined,
            rows_validated=self.validated,
            rows_quarantined=quarantined,
            reasons=self._reason_counts(),
            unknown_columns=self.columns.unknown,
            total_for_customer=self._total(),
            validated_sha256=sha256_of_file(self.out.validated),
            quarantine_sha256=sha256_of_file(self.out.quarantine),
        )

    def _reason_counts(self) -> dict[str, int]:
        return dict(
            self.con.execute(
                "select reason, count(*) from "
                "(select unnest(reasons) as reason from faulty_records) "
                "group by reason order by reason"
            ).fetchall()
        )

    def _total(self) -> str | None:
        if self.feed.name != "billing":
            return None
        ((total,),) = self.con.execute(
            "select sum(total_for_customer) from (select total_for_customer from "
            f"read_parquet({engine.quoted_path(self.out.validated)}) "
            "union all by name select total_for_customer from faulty_records)"
        ).fetchall()
        return str(total if total is not None else Decimal("0.00"))

    def _refuse_mixed_styles(self) -> None:
        """A file whose dates are in two styles has no sure reading of any."""
        rows = self.con.execute(
            "select date_styles, min(source_row) from ("
            "select date_styles, source_row from "
            f"read_parquet({engine.quoted_path(self.out.validated)}) "
            "union all select date_styles, source_row from faulty_records) "
            "where date_styles <> 0 group by date_styles order by min(source_row)"
        ).fetchall()
        if len(rows) > 1 or (rows and rows[0][0] not in DATE_STYLES):
            seen = [
                name
                for bit, name in DATE_STYLES.items()
                if any(bit & r[0] for r in rows)
            ]
            message = (
                f"its dates are in more than one style ({' and '.join(seen)}; "
                f"see rows {rows[0][1]} and {rows[-1][1]})"
            )
            raise UnreadableFileError(message)


def _judge_accounts(con: duckdb.DuckDBPyConnection) -> None:
    """Work out beside the SQL what is wrong with each account, if anything.

    There is one account a partner: the check digits are a library's business, and
    the numbers leave neither this function nor ``landing/``.
    """
    import pyarrow as pa

    texts = ", ".join(f"{field}_text" for field in ACCOUNT_FIELDS)
    con.execute(
        "create or replace temporary table raw_accounts as select * from raw_records"
    )
    rows = con.execute(f"select source_row, {texts} from raw_accounts").fetchall()
    problems = [
        account_problem(**dict(zip(ACCOUNT_FIELDS, row[1:], strict=True)))
        for row in rows
    ]
    table = pa.table(
        {
            "source_row": pa.array([row[0] for row in rows], pa.int64()),
            "account_problem": pa.array(problems, pa.string()),
        }
    )
    engine.add_tables(con, {"account_problems": table})
    con.execute(
        "create or replace temporary view raw_records as select * from raw_accounts"
    )
