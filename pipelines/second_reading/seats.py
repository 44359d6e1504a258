"""Seats of subscriptions on days, by the definition of section 5.

A row counts ``sign(Amount) x Quantity`` on each day of its charge period. The sum
can only change where a period starts, or on the day after one ends, so it is worked
out afresh, from all rows, on each of those days.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise

from pipelines.second_reading.cells import to_cents
from pipelines.second_reading.reading import Row

OFFSET = "offset a line item"
NO_RESELLER = ("-1", "0")


@dataclass(frozen=True)
class Stretch:
    """Days on end, both included, with the same number of seats."""

    first: date
    last: date
    seats: int


@dataclass(frozen=True)
class Count:
    """The seats that one billing row adds to or takes from each day of its period."""

    first: date
    last: date
    seats: int
    counts: bool = True  # False: an offset, or an amount that counts none


def count_of(row: Row, zero_counts: bool = False) -> Count:
    """Return what *row* counts: nothing for offsets and for amounts of 0.

    With *zero_counts*, an amount of 0 counts as if it were paid.
    """
    amount = to_cents(row["Amount"])
    sign = (amount > 0) - (amount < 0)
    if amount == 0 and zero_counts:
        sign = 1
    if str(row["ChargeType"] or "").lower() == OFFSET:
        sign = 0
    seats = sign * row["Quantity"]
    return Count(row["ChargeStartDate"], row["ChargeEndDate"], seats, sign != 0)


def seats_on(counts: Collection[Count], day: date) -> int:
    """Return the seats on *day*, negatives as they are."""
    return sum(count.seats for count in counts if count.first <= day <= count.last)


def timeline(counts: Collection[Count]) -> list[Stretch]:
    """Return maximal stretches of equal seats, zeros left out."""
    found: list[Stretch] = []
    for first, last in _spans(counts):
        seats = seats_on(counts, first)
        if found and found[-1].seats == seats and _meet(found[-1].last, first):
            first = found.pop().first  # noqa: PLW2901 - the two stretches are one
        found.append(Stretch(first, last, seats))
    return [stretch for stretch in found if stretch.seats != 0]


def _meet(last: date, first: date) -> bool:
    return first.toordinal() == last.toordinal() + 1


def _spans(counts: Collection[Count]) -> Iterator[tuple[date, date]]:
    """Cut the days so that within each span every row counts on all days or none."""
    starts = {count.first.toordinal() for count in counts}
    after_ends = {count.last.toordinal() + 1 for count in counts}
    cuts = sorted(starts | after_ends)
    for start, after in pairwise(cuts):
        yield date.fromordinal(start), date.fromordinal(after - 1)


@dataclass(frozen=True)
class Subscription:
    """All known billing rows of one (customer, subscription)."""

    customer: str
    number: str
    rows: list[Row]
    measured_on: date
    seat_offers: Collection[str]
    purchase_offers: Collection[str]
    zero_counts: bool = False

    @cached_property
    def owner(self) -> str | None:
        """Return its partner: one owner a run, for all the subscription's days."""
        started = [
            row for row in self.rows if row["ChargeStartDate"] <= self.measured_on
        ]
        if started:
            owning = max(started, key=_attribution_order)
        else:
            owning = min(self.rows, key=_attribution_order)
        reseller = owning["ResellerMpnId"]
        return None if reseller in NO_RESELLER else reseller

    @cached_property
    def campaign(self) -> list[Stretch]:
        """Return the seat timeline of the campaign's products."""
        return timeline(self._counts(self.seat_offers))

    @cached_property
    def purchased(self) -> list[Stretch]:
        """Return the timeline of "Dynamics 365 purchased"."""
        return timeline(self._counts(self.purchase_offers))

    @property
    def has_seat_offer(self) -> bool:
        """Tell whether any row, of any charge type, has a campaign product."""
        return any(row["DurableOfferId"] in self.seat_offers for row in self.rows)

    @property
    def first_seats_on(self) -> date | None:
        """Return its first day ever with campaign seats above 0."""
        days = [stretch.first for stretch in self.campaign if stretch.seats > 0]
        return min(days, default=None)

    def had_seats(self, first: date, last: date) -> bool:
        """Tell whether campaign seats were above 0 on any day of the period."""
        return any(
            stretch.seats > 0 and max(stretch.first, first) <= min(stretch.last, last)
            for stretch in self.campaign
        )

    def purchased_before(self, day: date) -> bool:
        """Tell whether any Dynamics 365 was held on a day before *day*."""
        return any(
            stretch.seats > 0 and stretch.first < day for stretch in self.purchased
        )

    def billed_on(self, day: date) -> int:
        """Return the campaign seats on *day*, negatives as they are."""
        return seats_on(self._counts(self.seat_offers), day)

    def _counts(self, offers: Collection[str]) -> list[Count]:
        return [
            count_of(row, self.zero_counts)
            for row in self.rows
            if row["DurableOfferId"] in offers
        ]

    def billed_of(self, offers: Collection[str], day: date) -> int:
        """Return the campaign seats of some offers on *day*."""
        return seats_on(self._counts(set(offers) & set(self.seat_offers)), day)

    def has_seats_of(self, offers: Collection[str], day: date) -> bool:
        """Tell whether any row of these offers counts seats on *day*."""
        counts = self._counts(set(offers) & set(self.seat_offers))
        return any(c.counts and c.first <= day <= c.last for c in counts)

    def was_billed_with(self, offers: Collection[str]) -> bool:
        """Tell whether any row that counts seats has one of these offers."""
        counts = self._counts(set(offers) & set(self.seat_offers))
        return any(count.counts for count in counts)


def _attribution_order(row: Row) -> tuple[date, date, str, int]:
    return row["ChargeStartDate"], *row.place
