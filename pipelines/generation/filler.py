"""More of what customers have beside: what fills invoices and decides nothing new."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING

from pipelines.generation.billing_rows import RowText, charge_text
from pipelines.generation.chance import guid_of
from pipelines.generation.subscriptions import (
    MONTHLY,
    Line,
    Subscription,
    Usage,
    changed,
    cycle_lines,
)
from pipelines.generation.timetable import DAY, add_months

if TYPE_CHECKING:
    import datetime as dt

    from pipelines.generation.invoices import InvoiceBook
    from pipelines.generation.products import Product
    from pipelines.generation.story import Story
    from pipelines.generation.world import World

LAST_ANCHOR = 28
# One subscription in so many has other seats from some day on: three rows more.
CHANGED_EVERY = 16
ROWS_OF_A_CHANGE = 3
MOST_SEATS = 60

# A row's text before its cycle, the day of the month, the text after, the total.
Steady = tuple[str, int, str, int]


class Filler:
    """Monthly subscriptions that run through all invoices.

    Ordinary customers get more of Dynamics 365 too, all of it from long before the
    campaign; the others get other product lines alone, which decide nothing.
    """

    def __init__(self, world: World, customers: int, lines: int) -> None:
        self._world, self._customers = world, customers
        self._months = len(world.table.months)
        rows = CHANGED_EVERY * self._months + ROWS_OF_A_CHANGE
        self._subscriptions = max(lines, 0) * CHANGED_EVERY // rows
        self._spans = [
            ["", *(_span(month, day) for day in range(1, LAST_ANCHOR + 1))]
            for month in world.table.months
        ]

    def add(self, story: Story, number: int, book: InvoiceBook) -> Story:
        """Bill a customer's share; return its story with what that changes."""
        total, customers = self._subscriptions, self._customers
        share = range(number * total // customers, (number + 1) * total // customers)
        steady, counted = [], []
        for place in share:
            subscription, seats, is_seat = self._subscription(story, place)
            if is_seat:
                counted.append(replace(subscription, usage=Usage(seats)))
            if book.is_varied or (place % CHANGED_EVERY == 0 and not is_seat):
                change = None if is_seat else place
                book.bill(self._with_lines(subscription, story, seats, change))
            else:
                steady.append(self._steady(subscription, story, seats))
        if steady:
            book.bill_every_month(steady, self._spans)
        return _with_seats(story, counted, self._world) if counted else story

    def _subscription(self, story: Story, place: int) -> tuple[Subscription, int, bool]:
        """Return one without its lines, how many seats, and whether they count."""
        subject = f"{self._world.seed}/filler/{place}"
        digits = blake2b(subject.encode()).hexdigest()
        product, is_seat = self._product(story, place, int(digits[64:72], 16))
        anchor = 1 + int(digits[72:76], 16) % LAST_ANCHOR
        start = self._world.table.first_billed.replace(day=anchor)
        subscription = Subscription(
            story.customer,
            guid_of(digits[:32]),
            product,
            str(int(digits[80:90], 16)).zfill(13),
            guid_of(digits[32:64]).upper(),
            start,
            self._world.table.last_billed,
            MONTHLY,
            (),
        )
        return subscription, 1 + int(digits[76:80], 16) % MOST_SEATS, is_seat

    def _product(self, story: Story, place: int, draw: int) -> tuple[Product, bool]:
        products = self._world.products
        if story.is_ordinary and place % 3 == 0:
            return products.seats[draw % len(products.seats)], True
        if story.is_ordinary and place % 3 == 1 and products.purchases:
            return products.purchases[draw % len(products.purchases)], False
        return products.others[draw % len(products.others)], False

    def _with_lines(
        self, subscription: Subscription, story: Story, seats: int, change: int | None
    ) -> Subscription:
        """Return it with its lines; *change* draws the day of another quantity."""
        table = self._world.table
        lines = cycle_lines(
            table,
            subscription.starts_on,
            seats=seats,
            unit_cents=subscription.product.unit_cents,
            months=MONTHLY,
            reseller=_reseller(story),
        )
        if change is not None and change % CHANGED_EVERY == 0:
            on = subscription.starts_on + (40 + change % 150) * DAY
            lines = changed(table, lines, on, seats + 2)
        return replace(subscription, lines=lines)

    def _steady(self, subscription: Subscription, story: Story, seats: int) -> Steady:
        """Return the text of rows that differ in nothing but their cycle."""
        currency = self._world.campaign.currency
        text = RowText(subscription, currency)
        before, after = text.around_the_charge(_reseller(story))
        start, cents = subscription.starts_on, subscription.product.unit_cents
        tax = Line(start, start, seats, cents, "", 0, "").tax_cents
        total = cents * seats + tax
        return before, start.day, charge_text(cents, seats, tax) + after, total


def _reseller(story: Story) -> str:
    """Return the partner of the customer's first subscription."""
    return story.subscriptions[0].lines[0].reseller


def _with_seats(story: Story, counted: list[Subscription], world: World) -> Story:
    """Return the story of an ordinary customer with more seats than it told of."""
    (expected,) = story.expected
    more = sum(each.usage.assigned for each in counted if each.usage)
    billed, assigned = expected.billed + more, expected.assigned + more
    failed = [rule for rule in expected.failed if not rule.endswith("_seats")]
    if billed < world.minimum:
        failed += ["billed_seats", "assigned_seats"]
    first = min(each.starts_on for each in counted)
    changes = replace(
        expected,
        onboarded_on=min(expected.onboarded_on, first),
        billed=billed,
        assigned=assigned,
        failed=tuple(failed),
    )
    subscriptions = (*story.subscriptions, *counted)
    return replace(story, subscriptions=subscriptions, expected=(changes,))


def _span(month: dt.date, day: int) -> str:
    first = month.replace(day=day)
    return f"{first},{add_months(first, 1) - DAY},Cycle fee,"
