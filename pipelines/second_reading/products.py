"""Seats by product, where the terms are read as each product alone (O2)."""

from pipelines.second_reading.facts import Facts
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
    owned: list[Subscription], facts: Facts, customer: str, required_of: str
) -> tuple[int, int]:
    """Return (billed, assigned) of the product with most seats that are asked for."""
    found: list[tuple[tuple[int, ...], str, tuple[int, int]]] = []
    snapshot, day = facts.snapshot_of(customer), facts.measured_on
    used = {row["SubscriptionId"] for row in snapshot}
    for family, offers in facts.catalog.families.items():
        sold = [each for each in owned if each.was_billed_with(offers)]
        billed = sum(each.billed_of(offers, day) for each in sold)
        assigned = assigned_to(sold, snapshot)
        if any(each.number in used or each.has_seats_of(offers, day) for each in sold):
            rank = _rank(billed, assigned, required_of)
            found.append((rank, family, (billed, assigned)))
    return min(found)[-1] if found else (0, 0)


def _rank(billed: int, assigned: int, required_of: str) -> tuple[int, ...]:
    """Return what puts the best product first: only seats that are asked for count."""
    if required_of == "billed_only":
        return (-billed,)
    if required_of == "assigned_only":
        return (-assigned,)
    return -min(billed, assigned), -billed
