"""Made-up customers with their subscriptions and assigned seats."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from . import histories
from .histories import Place, billing_rows, lines_of, starts_before
from .people import customer_row
from .values import Guid, Record, chance, days, new_guid, pick

# The last one is the largest count that reads, so two of them make a larger sum.
TOTALS = {15: 8, 16: 3, 20: 4, 14: 2, 40: 1, 1: 1, 2_147_483_647: 0.2}
BEFORE = days("2018-12-31", "2018-12-01", "2018-06-15", "01-01")


@dataclass
class Crowd:
    """All customers of one campaign and the rows that speak of them."""

    partners: list[str | None]
    turn: date
    snapshots: list[date]
    billing: list[Record] = field(default_factory=list)
    usage: dict[date, list[Record]] = field(default_factory=dict)
    customers: list[Record] = field(default_factory=list)


def add_customer(rng: random.Random, crowd: Crowd) -> None:
    """Add one customer: most of them plain, the others each with a complication."""
    customer = new_guid(rng)
    if not chance(rng, 0.04):
        crowd.customers.append(customer_row(rng, customer))
    partner = pick_partner(rng, crowd)
    start = rng.choice(starts_before(crowd.turn))
    total = pick(rng, TOTALS)
    for seats in _split(rng, total):
        add_subscription(
            rng, crowd, Place(customer, *_whose(rng, partner)), start, seats
        )
        if chance(rng, 0.25):
            start = rng.choice(starts_before(crowd.turn))
    if chance(rng, 0.4):
        rng.choice(COMPLICATIONS)(rng, crowd, customer, partner, start)


def _whose(rng: random.Random, partner: str | None):
    return new_guid(rng), partner, histories.SEAT_OFFERS


def pick_partner(rng: random.Random, crowd: Crowd) -> str | None:
    """Return a partner, now and then none."""
    return None if chance(rng, 0.04) else rng.choice(crowd.partners)


def _split(rng: random.Random, total: int) -> list[int]:
    """Split seats over one to three subscriptions."""
    parts = []
    for _ in range(pick(rng, {0: 5, 1: 2, 2: 1})):
        part = rng.randrange(total + 1)
        parts.append(part)
        total -= part
    return [*parts, total]


def add_subscription(
    rng: random.Random, crowd: Crowd, place: Place, start: date, seats: int
) -> None:
    """Add one subscription, billed in any shape and assigned about as many seats."""
    lines = lines_of(rng, start, seats, crowd.turn)
    rows = billing_rows(rng, place, lines)
    if chance(rng, 0.1):
        _reassign(rng, crowd, rows)
    crowd.billing += rows
    for snapshot in crowd.snapshots:
        off = pick(rng, {0: 10, 1: 1, -1: 1, -seats: 1, 3: 1})
        _assign(rng, crowd, place, snapshot, max(0, seats + off))


def _reassign(rng: random.Random, crowd: Crowd, rows: list[Record]) -> None:
    """Let another partner take over, with some of the rows."""
    other = pick_partner(rng, crowd)
    for row in rng.sample(rows, rng.randrange(len(rows) + 1)):
        row["ResellerMpnId"] = other


def _assign(
    rng: random.Random, crowd: Crowd, place: Place, snapshot: date, seats: int
) -> None:
    row: Record = {
        "SnapshotDate": snapshot,
        "CustomerTenantId": place.customer,
        "SubscriptionId": place.subscription,
        "SKUId": rng.choice((None, "a-sku")),
        "MPNID": rng.choice((None, "-1", place.partner)),
        "AvailableSeats": rng.choice((None, seats + 2)),
        "AssignedSeats": seats,
        "IsDuplicateRowForPGA": "0",
    }
    found = crowd.usage.setdefault(snapshot, [])
    parts = rng.choice(([seats], [seats], [1, seats - 1]))
    found += [row | {"AssignedSeats": part} for part in parts if part >= 0]
    if chance(rng, 0.15):
        found.append(row | {"IsDuplicateRowForPGA": "1"})


def _had_bought(rng, crowd: Crowd, customer: Guid, partner, start: date) -> None:
    """Give the customer something of Dynamics 365 from before, or nearly so."""
    offers = rng.choice(
        (histories.PURCHASE_OFFERS, histories.SEAT_OFFERS, histories.TRIAL_OFFERS)
    )
    earlier = rng.choice(BEFORE)
    last = rng.choice((earlier, *days("2018-12-31", "01-01", "06-30")))
    lines = lines_of(rng, earlier, rng.choice((1, 15)), max(earlier, last))
    who = rng.choice((partner, pick_partner(rng, crowd)))
    place = Place(customer, new_guid(rng), who, offers)
    crowd.billing += billing_rows(rng, place, lines)


def _second_partner(rng, crowd: Crowd, customer: Guid, partner, start: date) -> None:
    """Let a second partner sell too: on the same day, a day before or after."""
    other = pick_partner(rng, crowd)
    day = start + timedelta(days=rng.choice((0, 0, 1, -1, 30)))
    place = Place(customer, new_guid(rng), other, histories.SEAT_OFFERS)
    add_subscription(rng, crowd, place, day, rng.choice((1, 15, 16)))


def _other_products(rng, crowd: Crowd, customer: Guid, partner, start: date) -> None:
    """Add products that are no seats, with usage that must not be counted."""
    offers = rng.choice(
        (histories.OTHER_OFFERS, histories.PURCHASE_OFFERS, histories.TRIAL_OFFERS)
    )
    place = Place(customer, new_guid(rng), partner, offers)
    add_subscription(rng, crowd, place, start, rng.choice((1, 15)))


def _shared_number(rng, crowd: Crowd, customer: Guid, partner, start: date) -> None:
    """Use the subscription number of another customer: they are two subscriptions."""
    other = rng.choice(crowd.billing)["SyndicationPartnerSubscriptionNumber"]
    place = Place(customer, other, partner, histories.SEAT_OFFERS)
    add_subscription(rng, crowd, place, start, rng.choice((1, 15)))


def _mixed_subscription(rng, crowd: Crowd, customer: Guid, partner, start: date):
    """Bill another product, or another owner, on a subscription that exists."""
    known = [row for row in crowd.billing if row["CustomerId"] == customer]
    number = rng.choice(known)["SyndicationPartnerSubscriptionNumber"]
    owner = rng.choice((partner, pick_partner(rng, crowd)))
    offers = rng.choice((histories.OTHER_OFFERS, histories.PURCHASE_OFFERS))
    first = rng.choice((start, crowd.turn, crowd.turn + timedelta(days=1)))
    place = Place(customer, number, owner, offers)
    lines = lines_of(rng, first, rng.choice((1, 15)), crowd.turn)
    crowd.billing += billing_rows(rng, place, lines)


COMPLICATIONS = (
    _had_bought,
    _had_bought,
    _second_partner,
    _second_partner,
    _other_products,
    _shared_number,
    _mixed_subscription,
)
