"""Seats by product, where the terms are read as each product alone (O2)."""

from collections.abc import Collection, Mapping
from datetime import date

from pipelines.second_reading.reading import Row
from pipelines.second_reading.seats import Subscription


def assigned_to(subscriptions: list[Subscription], snapshot: list[Row]) -> int:
    """Return the seats that a day's snapshot assigns to some subscriptions."""
    numbers = {each.number for each in subscriptions}
    assigned: list[int] = [
        row["AssignedSeats"] for row in snapshot if row["SubscriptionId"] in numbers
    ]
    return sum(assigned)


def best_product(
    owned: list[Subscription],
    families: Mapping[str, Collection[str]],
    snapshot: list[Row],
    day: date,
) -> tuple[int, int]:
    """Return (billed, assigned) of the product with most seats that are both."""
    found = []
    for family, offers in families.items():
        sold = [each for each in owned if each.was_billed_with(offers)]
        billed = sum(each.billed_of(offers, day) for each in sold)
        assigned = assigned_to(sold, snapshot)
        used = {row["SubscriptionId"] for row in snapshot}
        if any(each.number in used or each.has_seats_of(offers, day) for each in sold):
            found.append((-min(billed, assigned), -billed, family, billed, assigned))
    return min(found)[3:] if found else (0, 0)
