"""The story of one customer: what it bought, and what is to be decided of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pipelines.generation import names
from pipelines.generation.subscriptions import (
    ANNUAL,
    MONTHLY,
    Customer,
    Subscription,
    Usage,
    cycle_lines,
)
from pipelines.generation.timetable import DAY

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from pipelines.generation.chance import Chance
    from pipelines.generation.products import Product
    from pipelines.generation.world import World

# How a row says that nobody resold the subscription.
NO_RESELLER = ("-1", "0", "")


@dataclass(frozen=True, slots=True)
class Expected:
    """What is to be decided of the customer with one partner, its own rules alone.

    ``partner_id`` is empty where there is no reseller.
    """

    partner_id: str
    onboarded_on: dt.date
    billed: int
    assigned: int
    failed: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that the feeds say of one customer.

    ``listings`` are the rows of the customer in the newest ``customers`` delivery,
    as changes to a plain row; ``earlier_segment`` is what older deliveries say.
    """

    archetype: str
    customer: Customer
    subscriptions: tuple[Subscription, ...]
    expected: tuple[Expected, ...]
    listings: tuple[Mapping[str, str], ...] = ({},)
    earlier_segment: str | None = None
    is_ordinary: bool = False


class Scene:
    """What an archetype tells its story with: one customer, its partners, chance."""

    def __init__(
        self, world: World, number: int, partners: tuple[str, str, str], archetype: str
    ) -> None:
        self.world, self.number = world, number
        self.partner, self.rival, self.third = partners
        self.archetype = archetype
        self.chance = world.chance("customer", number)
        self.customer = _customer(self.chance, number)

    @property
    def minimum(self) -> int:
        """The seats that a customer needs."""
        return self.world.minimum

    @property
    def first_day(self) -> dt.date:
        """The campaign's first day."""
        return self.world.first_day

    @property
    def last_day(self) -> dt.date:
        """The campaign's last day."""
        return self.world.last_day

    def enough(self) -> int:
        """Return a number of seats that suffices."""
        return self.minimum + self.chance.below(self.minimum + 10)

    def a_day(self) -> dt.date:
        """Return a day in the campaign, about a month off its ends."""
        margin = min(33, (self.last_day - self.first_day).days // 3)
        return self.chance.day(
            self.first_day + margin * DAY, self.last_day - margin * DAY
        )

    def an_early_day(self) -> dt.date:
        """Return a day in the campaign's first weeks."""
        return self.first_day + (2 + self.chance.below(20)) * DAY

    def a_day_before(self) -> dt.date:
        """Return a day long before the campaign, of which invoices are there."""
        start = self.world.table.first_billed
        return self.chance.day(start, start + 50 * DAY)

    def monthly(
        self,
        start: dt.date,
        seats: int,
        product: Product | None = None,
        *,
        partner: str | None = None,
        assigned: int | None = None,
    ) -> Subscription:
        """Return a subscription that is billed month by month."""
        return self._plain(start, seats, product, partner, assigned, MONTHLY)

    def annual(
        self,
        start: dt.date,
        seats: int,
        product: Product | None = None,
        *,
        partner: str | None = None,
        assigned: int | None = None,
    ) -> Subscription:
        """Return a subscription whose year is billed at its start, and no more."""
        return self._plain(start, seats, product, partner, assigned, ANNUAL)

    def _plain(  # noqa: PLR0913, PLR0917 - what a plain subscription consists of
        self,
        start: dt.date,
        seats: int,
        product: Product | None,
        partner: str | None,
        assigned: int | None,
        months: int,
    ) -> Subscription:
        product = product or self.chance.pick(self.world.products.seats)
        lines = cycle_lines(
            self.world.table,
            start,
            seats=seats,
            unit_cents=product.unit_cents,
            months=months,
            reseller=self.partner if partner is None else partner,
        )
        return Subscription(
            self.customer,
            self.chance.guid(),
            product,
            self.chance.digits(12),
            self.chance.guid().upper(),
            start,
            lines[-1].last,
            months,
            lines,
            Usage(seats if assigned is None else assigned),
        )

    def tell(
        self, subscriptions: list[Subscription], *expected: Expected, **facts: Any
    ) -> Story:
        """Return the story, in the name of the archetype that tells it."""
        return Story(
            self.archetype, self.customer, tuple(subscriptions), expected, **facts
        )

    def expect(
        self,
        onboarded_on: dt.date,
        billed: int,
        assigned: int,
        failed: str = "",
        pending: str = "",
    ) -> Expected:
        """Return what is to be decided of the customer with its own partner."""
        return Expected(
            self.partner,
            onboarded_on,
            billed,
            assigned,
            tuple(failed.split()),
            tuple(pending.split()),
        )


def with_usage(subscription: Subscription, **changes: Any) -> Subscription:
    """Return the subscription with other usage."""
    usage = replace(subscription.usage or Usage(0), **changes)
    return replace(subscription, usage=usage)


def _customer(chance: Chance, number: int) -> Customer:
    name = names.company(chance)
    parent = chance.guid()
    return Customer(
        chance.guid(),
        name,
        names.domain(name, number),
        chance.pick(names.COUNTRIES),
        parent if chance.one_in(12) else "",
    )


@dataclass(frozen=True)
class Archetype:
    """A kind of customer; its docstring says what it shows."""

    name: str
    shows: str
    weight: int
    tell: Callable[[Scene], Story]
    fits: Callable[[World], bool]


@dataclass
class Cast:
    """All archetypes, in the order in which they are told first."""

    archetypes: list[Archetype] = field(default_factory=list)

    def archetype(
        self, *, weight: int = 1, fits: Callable[[World], bool] = lambda _: True
    ) -> Callable[[Callable[[Scene], Story]], Callable[[Scene], Story]]:
        """Add the decorated function to the cast."""

        def add(tell: Callable[[Scene], Story]) -> Callable[[Scene], Story]:
            shows = (tell.__doc__ or "").partition("\n\n")[0].rstrip(".")
            self.archetypes.append(Archetype(tell.__name__, shows, weight, tell, fits))
            return tell

        return add
