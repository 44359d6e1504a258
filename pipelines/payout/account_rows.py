"""Read the rows of landed bank account files as a run reads them.

The same SQL types them, so a row counts here if and only if it counts in a run. What
is read is secret: it goes into payments, and into nothing that is kept or shown.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipelines import engine
from pipelines.careful_csv import read_dialect, read_records
from pipelines.errors import DataError
from pipelines.feeds import FEEDS
from pipelines.files import sha256_of_file
from pipelines.header import map_columns
from pipelines.landing import LandedFile
from pipelines.raw_records import RawRecords
from pipelines.receipts import receipts
from pipelines.text_scan import UnreadableFileError, scan_text

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

FEED = FEEDS["bank_accounts"]
FIELDS = tuple(
    column
    for column in FEED.columns.values()
    if column not in {"mpn_id", "changed_on", "currency"}
)
DATE_STYLES = {0, 1, 2, 4}  # none, or one of them: see sql/functions/date_style.sql


@dataclass(frozen=True)
class AccountRow:
    """One row that is not quarantined."""

    partner_id: str
    changed_on: dt.date | None
    source_file: str
    source_row: int
    values: dict[str, str | None] = field(repr=False)

    @property
    def order(self) -> tuple[bool, dt.date, str, int]:
        """What decides which row is the newest: a row without a date is older."""
        changed_on = self.changed_on or dt.date.min
        return (bool(self.changed_on), changed_on, self.source_file, self.source_row)


def landed_bank_accounts(home: Path) -> list[LandedFile]:
    """Return every file of bank accounts that was received.

    Raises:
        DataError: a receipt is damaged.
    """
    return [
        LandedFile(feed, dt.date.fromisoformat(day), name, receipt.sha256, receipt.size)
        for (feed, day, name), receipt in (
            (place.split("/"), receipt) for place, receipt in receipts(home)
        )
        if feed == FEED.name
    ]


def read_account_rows(home: Path, file: LandedFile, work: Path) -> list[AccountRow]:
    """Return the rows of a landed file that a run validates.

    Raises:
        DataError: it is not as it was received, or a run would refuse it.
    """
    landed = file.path_in(home / "landing")
    try:
        # One flipped bit could be another account, whose check digits agree.
        if sha256_of_file(landed) != file.sha256:
            message = "it is not as it was received"
            raise UnreadableFileError(message)
        return _typed_rows(landed, file.name, work)
    except (OSError, UnreadableFileError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        message = (
            f"{file.place} cannot be used: {reason}; no payment was prepared. "
            "Ask the sender for the file again, delivered on a later date."
        )
        raise DataError(message) from error


def _typed_rows(landed: Path, name: str, work: Path) -> list[AccountRow]:
    scan_text(landed, ",", 1)  # for the bytes alone: every line is read with care
    dialect = read_dialect(landed)
    columns = map_columns(FEED, dialect.header)
    with engine.opened(work, threads=1) as con:
        raw = RawRecords(con, FEED, dialect, columns)
        numbered = enumerate(read_records(landed, dialect), start=1)
        faults, _ = raw.read_carefully(numbered)
        _stage(con)
        if faults:
            raise faults[0]
        _refuse_mixed_styles(con)
        texts = ", ".join(f"raw_accounts.{field}_text" for field in FIELDS)
        rows = con.execute(
            "select staged.mpn_id, staged.changed_on, staged.source_row, "
            f"{texts} from staged inner join raw_accounts using (source_row) "
            "where staged.reasons is null order by staged.source_row"
        ).fetchall()
    return [
        AccountRow(
            partner_id,
            changed_on,
            name,
            source_row,
            dict(zip(FIELDS, values, strict=True)),
        )
        for partner_id, changed_on, source_row, *values in rows
    ]


def _stage(con: duckdb.DuckDBPyConnection) -> None:
    # The records arrive as a stream, which can be read once.
    con.execute("create temporary table raw_accounts as from raw_records")
    con.execute("create or replace temporary view raw_records as from raw_accounts")
    # The SQL takes over what is wrong with an account; that is judged later.
    con.execute(
        "create temporary table account_problems as select "
        "cast(null as bigint) as source_row, cast(null as varchar) as account_problem"
    )
    con.execute(
        "create temporary table staged as (\n"
        f"{engine.read_sql('staging/bank_accounts')}\n)"
    )


def _refuse_mixed_styles(con: duckdb.DuckDBPyConnection) -> None:
    ((styles,),) = con.execute("select bit_or(date_styles) from staged").fetchall()
    if (styles or 0) not in DATE_STYLES:
        message = "its dates are in more than one style"
        raise UnreadableFileError(message)
