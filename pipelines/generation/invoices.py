"""The invoices of a made-up campaign: so many a month, filled customer by customer."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from pipelines.generation.billing_rows import RowText
from pipelines.generation.dialects import DIALECTS, PACKED, PLAIN, Dialect
from pipelines.generation.invoice import Invoice
from pipelines.generation.subscriptions import (
    FIRST_EDITION,
    REGULAR,
    SECOND_EDITION,
    Line,
    Subscription,
)

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from pipelines.generation.filler import Steady
    from pipelines.generation.world import World

# So many that the months of a campaign show nearly every way to write a file.
FILES_OF_A_SMALL_MONTH = 3


class Shelf:
    """The regular invoices of one month, of which one at a time is open."""

    def __init__(
        self, folder: Path, month: dt.date, files: int, dialects: list[Dialect]
    ) -> None:
        self._folder, self._month, self._files = folder, month, files
        self._dialects = dialects
        self._open = -1
        self.invoice: Invoice
        self.lines = self.invoices = 0
        # Of files that show a dialect: where, and which.
        self.shown: list[tuple[str, str]] = []

    def turn_to(self, customer: int, customers: int) -> None:
        """Open the invoice that holds a customer; each holds about as many."""
        wanted = customer * self._files // customers
        if wanted == self._open:
            return
        self.close()
        dialect = self._dialects[wanted % len(self._dialects)]
        number = f"{_stem(self._month)}{wanted + 1:04d}"
        place = self._month.month + wanted
        self.invoice = Invoice(self._folder, number, dialect, place)
        self._open = wanted

    def close(self) -> None:
        """Close the invoice that is open, if one is."""
        if self._open >= 0:
            self.invoice.close()
            self.lines += self.invoice.rows
            self.invoices += 1
            if self.invoice.shows != PLAIN.shows:
                self.shown.append((self.invoice.place, self.invoice.shows))
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
        start = month * FILES_OF_A_SMALL_MONTH
        dialects = [
            DIALECTS[(start + place) % len(DIALECTS)] for place in range(len(DIALECTS))
        ]
        first = self._world.table.months[month]
        return Shelf(folder, first, count, dialects if self.is_varied else [PLAIN])

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
        again = PACKED if edition == SECOND_EDITION else DIALECTS[0]
        dialect = again if self.is_varied else PLAIN
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

    def shown(self) -> list[tuple[str, str]]:
        """Return which file shows which dialect, once all are closed."""
        found = [pair for shelf in self._own_shelves for pair in shelf.shown]
        if self.is_varied:
            found += [(each.place, each.shows) for each in self._restated.values()]
        return sorted(found)

    def restated(self) -> list[str]:
        """Return the files of the invoices that are delivered twice."""
        return sorted(invoice.place for invoice in self._restated.values())


def _stem(month: dt.date) -> str:
    return f"D{month:%y%m}"


def _counts(months: int, files: int) -> list[int]:
    """Return how many invoices each month has, so that they add up to *files*.

    >>> _counts(3, 7), _counts(3, 1)
    ([2, 2, 3], [0, 0, 1])
    """
    marks = [month * files // months for month in range(months + 1)]
    return [after - before for before, after in pairwise(marks)]
