"""Made-up subscriptions and their billing lines, as Partner Center writes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipelines.generation.timetable import DAY, Timetable, add_months

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from pipelines.generation.cells import Cell
    from pipelines.generation.products import Product


# Which editions of a restated invoice hold a line; 0: it is in a regular invoice.
REGULAR, FIRST_EDITION, SECOND_EDITION, BOTH_EDITIONS = 0, 1, 2, 3

MONTHLY, ANNUAL = 1, 12


@dataclass(frozen=True, slots=True)
class Customer:
    """One tenant."""

    customer_id: str
    name: str
    domain: str
    country: str
    parent_id: str


@dataclass(frozen=True, slots=True)
class Line:
    """What one billing row says of its subscription.

    ``month`` is the place of the invoice in the timetable's months; ``spoiled`` are
    cells that replace the row's own.
    """

    first: dt.date
    last: dt.date
    seats: int
    unit_cents: int
    charge: str
    month: int
    reseller: str
    edition: int = REGULAR
    spoiled: Mapping[str, Cell] | None = None

    def covers(self, day: dt.date) -> bool:
        """Tell whether the charge period holds a day."""
        return self.first <= day <= self.last

    @property
    def amount_cents(self) -> int:
        """The amount of the row; below zero for a credit."""
        return self.unit_cents * self.seats

    @property
    def tax_cents(self) -> int:
        """A fifth of the amount, half a cent away from zero."""
        sign = -1 if self.amount_cents < 0 else 1
        return sign * ((abs(self.amount_cents) + 2) // 5)


@dataclass(frozen=True, slots=True)
class Usage:
    """The licences that a customer assigned.

    ``first`` is what the first count of the measured day says, where it differs;
    ``copies`` are seats in a row that is flagged as a copy. ``spoiled`` replaces
    cells of a row in the first, final or later count.
    """

    assigned: int
    first: int | None = None
    copies: int = 0
    spoiled: Mapping[str, Mapping[str, Cell]] | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription with all its billing lines and its usage."""

    customer: Customer
    number: str
    product: Product
    order_id: str
    legacy_id: str
    starts_on: dt.date
    ends_on: dt.date
    cycle_months: int
    lines: tuple[Line, ...]
    usage: Usage | None = None
    description: str = ""

    def billed(self, *lines: Line) -> Subscription:
        """Return the subscription with other lines."""
        return replace(self, lines=lines)


def cycles(
    start: dt.date, until: dt.date, months: int
) -> Iterator[tuple[dt.date, dt.date]]:
    """Yield the billing cycles that begin on or before *until*.

    >>> from datetime import date
    >>> days = cycles(date(2019, 1, 31), date(2019, 2, 28), MONTHLY)
    >>> [f"{first} {last}" for first, last in days]
    ['2019-01-31 2019-02-27', '2019-02-28 2019-03-30']
    """
    number, first = 0, start
    while first <= until:
        number += 1
        following = add_months(start, number * months)
        yield first, following - DAY
        first = following


def cycle_lines(  # noqa: PLR0913 - what a plain subscription consists of
    table: Timetable,
    start: dt.date,
    *,
    seats: int,
    unit_cents: int,
    months: int,
    reseller: str,
) -> tuple[Line, ...]:
    """Return the lines of a subscription that nothing ever changes."""
    first_charge = "Cycle fee" if months == MONTHLY else "Purchase fee"
    later_charge = "Cycle fee" if months == MONTHLY else "Renewal fee"
    return tuple(
        Line(
            first,
            last,
            seats,
            unit_cents * months,
            first_charge if first == start else later_charge,
            table.month_of(first),
            reseller,
        )
        for first, last in cycles(start, table.last_billed, months)
    )


def changed(
    table: Timetable, lines: tuple[Line, ...], on: dt.date, seats: int
) -> tuple[Line, ...]:
    """Return *lines* with other seats from a day on.

    The cycle under way is credited in full and billed again in two parts, on the
    invoice of the month of the change; later cycles have the new seats.
    """
    found: list[Line] = []
    for line in lines:
        if line.last < on:
            found.append(line)
        elif line.first > on:
            found.append(replace(line, seats=seats))
        else:
            again = _prorated(table, line, on)
            found += [line, replace(again, unit_cents=-line.unit_cents)]
            if on > line.first:
                found.append(_part(line, again, line.first, on - DAY))
            found.append(replace(_part(line, again, on, line.last), seats=seats))
    return tuple(found)


def cancelled(
    table: Timetable, lines: tuple[Line, ...], on: dt.date
) -> tuple[Line, ...]:
    """Return *lines* of a subscription that is suspended on a day.

    What is left of the cycle under way is credited; no later cycle is billed.
    """
    found: list[Line] = []
    for line in lines:
        if line.first > on:
            continue
        found.append(line)
        if line.last >= on:
            whole = replace(_prorated(table, line, on), charge="Cancel fee")
            part = _part(line, whole, on, line.last)
            found.append(replace(part, unit_cents=-part.unit_cents))
    return tuple(found)


def _prorated(table: Timetable, line: Line, on: dt.date) -> Line:
    return replace(line, charge="Cycle instance prorate", month=table.month_of(on))


def _part(line: Line, form: Line, first: dt.date, last: dt.date) -> Line:
    """Return a part of a cycle in the form given, at its share of the price."""
    days, whole = (last - first).days + 1, (line.last - line.first).days + 1
    cents = max((2 * line.unit_cents * days + whole) // (2 * whole), 1)
    return replace(form, first=first, last=last, unit_cents=cents)
