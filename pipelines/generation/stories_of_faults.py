"""Customers that show what faulty billing rows do, and odd ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.generation.cells import SURPLUS_CELL, Cell
from pipelines.generation.partners import NO_DATE
from pipelines.generation.story import Archetype, Cast, Expected
from pipelines.generation.timetable import DAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipelines.generation.story import Scene, Story
    from pipelines.generation.subscriptions import Line, Subscription

CAST = Cast()

LOST = "complete_evidence"
# Neither a decimal point nor a decimal comma makes a number of it.
NO_NUMBER = "1,234.50"


def fault(scene: Scene, reason: str, line: Line) -> dict[str, Cell]:
    """Return cells that send a billing row to quarantine for one reason."""
    faults: dict[str, dict[str, Cell]] = {
        "bad_guid": {"SyndicationPartnerSubscriptionNumber": "to be assigned"},
        "missing_value": {"Quantity": None},
        "bad_date": {"ChargeEndDate": NO_DATE},
        "bad_number": {"Amount": NO_NUMBER},
        "negative_quantity": {"Quantity": -line.seats},
        "period_reversed": {"ChargeEndDate": line.first - DAY},
        "unknown_dynamics_offer": {
            "DurableOfferId": scene.chance.guid(),
            "OfferName": "Dynamics 365 for a Product yet to come",
        },
        "ragged_row": {SURPLUS_CELL: "surplus"},
    }
    return faults[reason]


def _with_lost_row(scene: Scene, reason: str) -> Subscription:
    """Return another subscription, of which the only row is faulty."""
    subscription = scene.annual(scene.a_day(), 2)
    (line, *rest) = subscription.lines
    line = replace(line, spoiled=fault(scene, reason, line))
    return replace(subscription, lines=(line, *rest), usage=None)


def _loses(reason: str) -> Callable[[Scene], Story]:
    def tell(scene: Scene) -> Story:
        start, seats = scene.a_day(), scene.enough()
        subscriptions = [scene.monthly(start, seats), _with_lost_row(scene, reason)]
        return scene.tell(
            subscriptions, scene.expect(start, seats, seats, pending=LOST)
        )

    return tell


for _reason in (
    "bad_guid",
    "missing_value",
    "bad_date",
    "bad_number",
    "negative_quantity",
    "period_reversed",
    "unknown_dynamics_offer",
    "ragged_row",
):
    CAST.archetypes.append(
        Archetype(
            f"billing_{_reason}",
            f"Would qualify, but a billing row is quarantined: {_reason}",
            1,
            _loses(_reason),
            lambda _: True,
        )
    )


@CAST.archetype()
def short_by_a_lost_row(scene: Scene) -> Story:
    """Short of billed seats, while a billing row is in quarantine."""
    start, seats = scene.a_day(), scene.minimum - 1
    subscriptions = [
        scene.monthly(start, seats, assigned=scene.minimum),
        _with_lost_row(scene, "bad_number"),
    ]
    expected = scene.expect(start, seats, scene.minimum, pending=f"billed_seats {LOST}")
    return scene.tell(subscriptions, expected)


@CAST.archetype()
def old_with_a_lost_row(scene: Scene) -> Story:
    """An old customer with a billing row in quarantine: nothing is sure."""
    start, seats = scene.a_day_before(), scene.enough()
    subscriptions = [scene.monthly(start, seats), _with_lost_row(scene, "bad_date")]
    pending = f"new_to_dynamics onboarded_in_window {LOST}"
    return scene.tell(subscriptions, scene.expect(start, seats, seats, pending=pending))


@CAST.archetype()
def second_seller_with_a_lost_row(scene: Scene) -> Story:
    """A second partner sells, and a row that may be older is in quarantine."""
    start, seats = scene.a_day(), scene.enough()
    subscriptions = [
        scene.monthly(start, seats),
        scene.monthly(start + 3 * DAY, seats, partner=scene.rival),
        _with_lost_row(scene, "missing_value"),
    ]
    both = ("onboarded_by_partner", LOST)
    return scene.tell(
        subscriptions,
        scene.expect(start, seats, seats, pending=LOST),
        Expected(scene.rival, start, seats, seats, pending=both),
    )


@CAST.archetype()
def odd_rows(scene: Scene) -> Story:
    """Odd rows that count: an unknown charge type, another currency, a wrong price."""
    start, seats = scene.a_day(), scene.enough()
    subscription = scene.monthly(start, seats)
    oddities: list[dict[str, Cell]] = [
        {"ChargeType": "Goodwill adjustment"},
        {"Currency": "GBP"},
        {"UnitPrice": "99.99"},
    ]
    lines = (
        replace(line, spoiled=oddities[place % len(oddities)])
        for place, line in enumerate(subscription.lines)
    )
    return scene.tell([subscription.billed(*lines)], scene.expect(start, seats, seats))


@CAST.archetype()
def billed_twice(scene: Scene) -> Story:
    """Two rows that are the same, on one invoice: both are real."""
    start, part = scene.a_day(), scene.minimum - 1
    subscription = scene.annual(start, part, assigned=2 * part)
    (line, *rest) = subscription.lines
    expected = scene.expect(start, 2 * part, 2 * part)
    return scene.tell([subscription.billed(line, line, *rest)], expected)
