"""The invoices of a made-up campaign: so many a month, filled customer by customer."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from pipelines.feeds import BILLING_COLUMNS
from pipelines.generation.billing_rows import RowText, billing_record, cents_text
from pipelines.generation.cells import SURPLUS_CELL, Record
from pipelines.generation.dialects import DIALECTS, PLAIN, Dialect
from pipelines.generation.subscriptions import (
    FIRST_EDITION,
    REGULAR,
    SECOND_EDITION,
    Line,
    Subscription,
)
from pipelines.generation.tables import (
    WAITING_LINES,
    PlainTable,
    VariedTable,
    sha256_of,
    write_control,
)

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from pipelines.generation.filler import Steady
    from pipelines.generation.world import World

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
            digest = {} if self._plain else {"sha256": sha256_of(self._path)}
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


class Shelf:
    """The regular invoices of one month, of which one at a time is open."""

    def __init__(
        self, folder: Path, stem: str, files: int, dialects: list[Dialect]
    ) -> None:
        self._folder, self._stem, self._files = folder, stem, files
        self._dialects = dialects
        self._open = -1
        self.invoice: Invoice
        self.lines = self.invoices = 0

    def turn_to(self, customer: int, customers: int) -> None:
        """Open the invoice that holds a customer; each holds about as many."""
        wanted = customer * self._files // customers
        if wanted == self._open:
            return
        self.close()
        dialect = self._dialects[wanted % len(self._dialects)]
        number = f"{self._stem}{wanted + 1:04d}"
        self.invoice = Invoice(self._folder, number, dialect, wanted + self._files)
        self._open = wanted

    def close(self) -> None:
        """Close the invoice that is open, if one is."""
        if self._open >= 0:
            self.invoice.close()
            self.lines += self.invoice.rows
            self.invoices += 1
            self._open = -1


class InvoiceBook:
    """All invoices of the campaign."""

    def __init__(
        self, out: Path, world: World, customers: int, files: int, *, is_varied: bool
    ) -> None:
        self._world, self._customers = world, customers
        self.is_varied = is_varied
        self._folder = out / "billing"
        shelves = {
            month: self._shelf(month, count)
            for month, count in enumerate(_counts(len(world.table.months), files))
            if count
        }
        # A month without an invoice of its own is billed on the next one.
        self.shelves = [
            shelves[min(m for m in shelves if m >= month)]
            for month in range(len(world.table.months))
        ]
        self._own_shelves = list(shelves.values())
        self._restated: dict[tuple[int, int], Invoice] = {}

    def _shelf(self, month: int, count: int) -> Shelf:
        folder = self._folder / self._world.table.invoiced_on[month].isoformat()
        step = len(self._world.table.months)
        dialects = [
            DIALECTS[(month + place * step) % len(DIALECTS)]
            for place in range(len(DIALECTS))
        ]
        stem = _stem(self._world.table.months[month])
        return Shelf(folder, stem, count, dialects if self.is_varied else [PLAIN])

    def turn_to(self, customer: int) -> None:
        """Open the invoices that hold a customer; customers come in order."""
        for shelf in self._own_shelves:
            shelf.turn_to(customer, self._customers)

    def bill(self, subscription: Subscription) -> None:
        """Write every line of a subscription on its invoice."""
        currency = self._world.campaign.currency
        text = RowText(subscription, currency)
        for line in subscription.lines:
            for invoice in self._invoices_of(line):
                invoice.add(subscription, line, text, currency)

    def bill_every_month(self, rows: list[Steady], cycles: list[list[str]]) -> None:
        """Write rows that differ by their cycle alone; *cycles* by month and day."""
        total = sum(row[3] for row in rows)
        for shelf, days in zip(self.shelves, cycles, strict=True):
            lines = [before + days[day] + after for before, day, after, _ in rows]
            shelf.invoice.add_texts(lines, total)

    def _invoices_of(self, line: Line) -> list[Invoice]:
        if line.edition == REGULAR:
            return [self.shelves[line.month].invoice]
        return [
            self._edition(line.month, edition)
            for edition in (FIRST_EDITION, SECOND_EDITION)
            if line.edition & edition
        ]

    def _edition(self, month: int, edition: int) -> Invoice:
        key = (month, edition)
        if key not in self._restated:
            table = self._world.table
            is_first = edition == FIRST_EDITION
            day = table.invoiced_on[month] if is_first else table.restated[month]
            self._restated[key] = self._restated_invoice(month, day, edition)
        return self._restated[key]

    def _restated_invoice(self, month: int, day: dt.date, edition: int) -> Invoice:
        number = f"{_stem(self._world.table.months[month])}R001"
        dialect = DIALECTS[edition - 1] if self.is_varied else PLAIN
        return Invoice(self._folder / day.isoformat(), number, dialect, edition)

    def close(self) -> tuple[int, int]:
        """Close everything; return how many lines and invoices there are."""
        for shelf in self._own_shelves:
            shelf.close()
        for invoice in self._restated.values():
            invoice.close()
        lines = sum(shelf.lines for shelf in self._own_shelves)
        lines += sum(invoice.rows for invoice in self._restated.values())
        invoices = sum(shelf.invoices for shelf in self._own_shelves)
        return lines, invoices + len({month for month, _ in self._restated})


def _stem(month: dt.date) -> str:
    return f"D{month:%y%m}"


def _counts(months: int, files: int) -> list[int]:
    """Return how many invoices each month has, so that they add up to *files*.

    >>> _counts(3, 7), _counts(3, 1)
    ([2, 2, 3], [0, 0, 1])
    """
    marks = [month * files // months for month in range(months + 1)]
    return [after - before for before, after in pairwise(marks)]
