"""Customers that show to which partner a subscription, and its customer, belongs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.generation.story import NO_RESELLER, Cast, Expected
from pipelines.generation.timetable import DAY

if TYPE_CHECKING:
    from pipelines.generation.story import Scene, Story

CAST = Cast()

OTHERS = ("onboarded_by_partner",)


@CAST.archetype(weight=4)
def second_seller(scene: Scene) -> Story:
    """Onboarded by one partner; a second one sells more, later."""
    start, seats, more = scene.a_day(), scene.enough(), scene.enough()
    later = scene.annual(start + 20 * DAY, more, partner=scene.rival)
    return scene.tell(
        [scene.monthly(start, seats), later],
        scene.expect(start, seats, seats),
        Expected(scene.rival, start, more, more, failed=OTHERS),
    )


@CAST.archetype()
def two_on_one_day(scene: Scene) -> Story:
    """Two partners on the first day, and a third one later."""
    start, seats = scene.a_day(), scene.enough()
    subscriptions = [
        scene.monthly(start, seats),
        scene.annual(start, seats, partner=scene.rival),
        scene.monthly(start + DAY, seats, partner=scene.third),
    ]
    return scene.tell(
        subscriptions,
        scene.expect(start, seats, seats, pending="onboarded_by_partner"),
        Expected(scene.rival, start, seats, seats, pending=OTHERS),
        Expected(scene.third, start, seats, seats, failed=OTHERS),
    )


@CAST.archetype()
def shared_between_two(scene: Scene) -> Story:
    """Enough seats in all, but short with each of two partners."""
    start, seats = scene.a_day(), scene.minimum - 1
    other = scene.monthly(start + 5 * DAY, seats, partner=scene.rival)
    short = ("billed_seats", "assigned_seats")
    return scene.tell(
        [scene.monthly(start, seats), other],
        scene.expect(start, seats, seats, " ".join(short)),
        Expected(scene.rival, start, seats, seats, failed=(*OTHERS, *short)),
    )


@CAST.archetype(weight=2)
def moved_to_another_partner(scene: Scene) -> Story:
    """A subscription that moves to another partner, with all of its days."""
    start, seats = scene.an_early_day(), scene.enough()
    subscription = scene.monthly(start, seats)
    lines = (
        replace(line, reseller=scene.rival) if line.first > start else line
        for line in subscription.lines
    )
    return scene.tell(
        [subscription.billed(*lines)], Expected(scene.rival, start, seats, seats)
    )


@CAST.archetype()
def moved_after_the_end(scene: Scene) -> Story:
    """A subscription that moves to another partner after the last day."""
    start, seats = scene.a_day(), scene.enough()
    subscription = scene.monthly(start, seats)
    lines = (
        replace(line, reseller=scene.rival) if line.first > scene.last_day else line
        for line in subscription.lines
    )
    return scene.tell([subscription.billed(*lines)], scene.expect(start, seats, seats))


@CAST.archetype()
def moved_by_a_correction(scene: Scene) -> Story:
    """A cycle credited and billed again for another partner: the last row decides."""
    start, seats = scene.a_day(), scene.enough()
    subscription = scene.monthly(start, seats)
    before = [line for line in subscription.lines if line.first <= scene.last_day]
    after = [
        replace(line, reseller=scene.rival)
        for line in subscription.lines
        if line.first > scene.last_day
    ]
    month = min(before[-1].month + 1, len(scene.world.table.months) - 1)
    again = replace(before[-1], month=month, charge="Cycle instance prorate")
    credit = replace(again, unit_cents=-again.unit_cents)
    lines = (*before, credit, replace(again, reseller=scene.rival), *after)
    return scene.tell(
        [subscription.billed(*lines)], Expected(scene.rival, start, seats, seats)
    )


@CAST.archetype()
def owned_by_an_offset(scene: Scene) -> Story:
    """The latest row is an offset of another partner: no seats, but the owner."""
    start, seats = scene.a_day(), scene.enough()
    subscription = scene.annual(start, seats)
    (line, *rest) = subscription.lines
    since = start + 20 * DAY
    extra = replace(
        line,
        first=since,
        seats=1,
        unit_cents=-100,
        charge="Offset a line item",
        month=scene.world.table.month_of(since),
        reseller=scene.rival,
    )
    return scene.tell(
        [subscription.billed(line, extra, *rest)],
        Expected(scene.rival, start, seats, seats),
    )


@CAST.archetype(weight=3)
def without_reseller(scene: Scene) -> Story:
    """Sold by nobody that is named: -1, 0 or blank."""
    start, seats = scene.a_day(), scene.enough()
    subscription = scene.monthly(start, seats)
    lines = (
        replace(line, reseller=NO_RESELLER[place % len(NO_RESELLER)])
        for place, line in enumerate(subscription.lines)
    )
    return scene.tell([subscription.billed(*lines)], Expected("", start, seats, seats))


@CAST.archetype()
def number_shared_with_another(scene: Scene) -> Story:
    """A subscription number that another customer has too: two subscriptions."""
    start, seats = scene.a_day(), scene.enough()
    subscription = scene.monthly(start, seats)
    number = scene.world.chance("shared number").guid()
    return scene.tell(
        [replace(subscription, number=number)], scene.expect(start, seats, seats)
    )
