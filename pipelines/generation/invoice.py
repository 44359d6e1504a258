"""One billing file, in any of the layouts that name the reseller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.feeds import BILLING_COLUMNS
from pipelines.files import sha256_of_file
from pipelines.generation.billing_rows import RowText, billing_record, cents_text
from pipelines.generation.cells import SURPLUS_CELL, Record
from pipelines.generation.dialects import PLAIN, Dialect
from pipelines.generation.tables import (
    WAITING_LINES,
    PlainTable,
    VariedTable,
    write_control,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.generation.subscriptions import Line, Subscription

# Of so many invoices, two have the sender's own counts beside them.
CONTROL_EVERY = 3
OTHER_PARTNER = "9999999"


class Invoice:
    """One billing file that takes lines until it is closed."""

    def __init__(self, folder: Path, number: str, dialect: Dialect, place: int) -> None:
        self._dialect, self._place = dialect, place
        self._path = folder / (number + dialect.ending)
        columns = _columns(dialect)
        self._plain = PlainTable(self._path, columns) if dialect is PLAIN else None
        self._table = self._plain or VariedTable(self._path, columns, dialect)
        self._total_cents = 0
        self._has_ragged_row = False

    @property
    def place(self) -> str:
        """Its delivery and file."""
        return f"{self._path.parent.name}/{self._path.name}"

    @property
    def shows(self) -> str:
        """What its dialect shows."""
        return self._dialect.shows

    @property
    def rows(self) -> int:
        """How many lines it has."""
        return self._table.rows

    def add(
        self, subscription: Subscription, line: Line, text: RowText, currency: str
    ) -> None:
        """Take one line."""
        self._total_cents += line.amount_cents + line.tax_cents
        if self._plain and not line.spoiled:
            self._plain.add_text(text.line(line))
            return
        self._has_ragged_row |= SURPLUS_CELL in (line.spoiled or {})
        record = billing_record(subscription, line, currency)
        self._table.add(_in_layout(record, self._dialect.reseller))

    def add_texts(self, lines: list[str], total_cents: int) -> None:
        """Take many lines that are text already; only a plain invoice can."""
        assert self._plain  # noqa: S101 - for the type checker: the caller asked
        self._plain.waiting += lines
        self._plain.rows += len(lines)
        self._total_cents += total_cents
        if len(self._plain.waiting) >= WAITING_LINES:
            self._plain.flush()

    def close(self) -> None:
        """Write what is left, and for some the sender's counts."""
        self._table.close()
        counts: dict[str, int | str] = {"rows": self.rows}
        if not self._has_ragged_row:
            counts["total_for_customer"] = cents_text(self._total_cents)
        if self._place % CONTROL_EVERY == 0:
            # The digest of a big file would cost another pass over it.
            digest = {} if self._plain else {"sha256": sha256_of_file(self._path)}
            write_control(self._path, **counts | digest)
        elif self._place % CONTROL_EVERY == 1:
            write_control(self._path, rows=self.rows)


def _columns(dialect: Dialect) -> list[str]:
    if dialect.reseller == "both":
        return ["Tier2MpnId", *BILLING_COLUMNS]
    if dialect.reseller == "MpnId":
        return [column for column in BILLING_COLUMNS if column != "ResellerMpnId"]
    return [
        dialect.reseller if column == "ResellerMpnId" else column
        for column in BILLING_COLUMNS
    ]


def _in_layout(record: Record, reseller: str) -> Record:
    if reseller == "both":
        return record | {"Tier2MpnId": OTHER_PARTNER}
    return record | {reseller: record["ResellerMpnId"]}
