"""Customers that show which seats count, and how many are enough."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.generation.story import Cast, with_usage
from pipelines.generation.timetable import DAY

if TYPE_CHECKING:
    from pipelines.generation.story import Scene, Story
    from pipelines.generation.world import World

CAST = Cast()

BOTH = "billed_seats assigned_seats"


def has_purchases(world: World) -> bool:
    """Tell whether the catalogue has offers that are bought and are no seats."""
    return bool(world.products.purchases)


def has_trials(world: World) -> bool:
    """Tell whether the catalogue has trials."""
    return bool(world.products.trials)


@CAST.archetype(weight=60)
def monthly(scene: Scene) -> Story:
    """Billed month by month, with seats enough."""
    start, seats = scene.a_day(), scene.enough()
    return scene.tell([scene.monthly(start, seats)], scene.expect(start, seats, seats))


@CAST.archetype(weight=40)
def annual(scene: Scene) -> Story:
    """Billed once for a year: no row after the first month, and still there."""
    start, seats = scene.a_day(), scene.enough()
    return scene.tell([scene.annual(start, seats)], scene.expect(start, seats, seats))


@CAST.archetype(weight=20)
def two_products(scene: Scene) -> Story:
    """Two subscriptions that are enough together and short alone."""
    start, part = scene.a_day(), scene.minimum // 2
    rest = scene.minimum - part
    subscriptions = [
        scene.monthly(start, part),
        scene.annual(start + 20 * DAY, rest),
    ]
    expected = scene.expect(start, scene.minimum, scene.minimum)
    return scene.tell(subscriptions, expected)


@CAST.archetype()
def just_enough(scene: Scene) -> Story:
    """Exactly the seats required, billed and assigned."""
    start = scene.a_day()
    expected = scene.expect(start, scene.minimum, scene.minimum)
    return scene.tell([scene.monthly(start, scene.minimum)], expected)


@CAST.archetype()
def one_more(scene: Scene) -> Story:
    """One seat above the seats required, billed and assigned."""
    start, seats = scene.a_day(), scene.minimum + 1
    return scene.tell([scene.annual(start, seats)], scene.expect(start, seats, seats))


@CAST.archetype()
def one_short(scene: Scene) -> Story:
    """One seat short, billed and assigned."""
    start, seats = scene.a_day(), scene.minimum - 1
    expected = scene.expect(start, seats, seats, BOTH)
    return scene.tell([scene.monthly(start, seats)], expected)


@CAST.archetype()
def billed_one_short(scene: Scene) -> Story:
    """One seat billed too few; more are assigned than billed."""
    start, seats = scene.a_day(), scene.minimum - 1
    expected = scene.expect(start, seats, scene.minimum, "billed_seats")
    return scene.tell([scene.annual(start, seats, assigned=scene.minimum)], expected)


@CAST.archetype()
def assigned_one_short(scene: Scene) -> Story:
    """One seat assigned too few, of more that are billed."""
    start, seats = scene.a_day(), scene.enough()
    short = scene.minimum - 1
    expected = scene.expect(start, seats, short, "assigned_seats")
    return scene.tell([scene.monthly(start, seats, assigned=short)], expected)


@CAST.archetype()
def partly_free(scene: Scene) -> Story:
    """Seats of 0.00 beside paid ones: assigned, and not billed."""
    start, paid = scene.a_day(), scene.minimum - 1
    free = scene.monthly(start, scene.minimum)
    free = free.billed(*(replace(line, unit_cents=0) for line in free.lines))
    expected = scene.expect(start, paid, paid + scene.minimum, "billed_seats")
    return scene.tell([scene.monthly(start, paid), free], expected)


@CAST.archetype()
def almost_free(scene: Scene) -> Story:
    """Seats of 0.004, which is 0.00 in cents, beside paid ones."""
    start, paid = scene.a_day(), scene.minimum - 1
    free = scene.annual(start, 5)
    (line, *rest) = free.lines
    line = replace(line, unit_cents=0, spoiled={"Amount": "0.004"})
    expected = scene.expect(start, paid, paid + 5, "billed_seats")
    return scene.tell([scene.monthly(start, paid), free.billed(line, *rest)], expected)


@CAST.archetype()
def all_free(scene: Scene) -> Story:
    """Nothing but seats of 0.00: never a customer."""
    free = scene.monthly(scene.a_day(), scene.enough())
    lines = (replace(line, unit_cents=0) for line in free.lines)
    return scene.tell([free.billed(*lines)])


@CAST.archetype()
def offset(scene: Scene) -> Story:
    """Line-item offsets, which look like seats and are none."""
    start, seats = scene.a_day(), scene.minimum - 1
    subscription = scene.annual(start, seats, assigned=scene.minimum)
    (line, *rest) = subscription.lines
    extra = replace(line, seats=5, unit_cents=100, charge="Offset a line item")
    expected = scene.expect(start, seats, scene.minimum, "billed_seats")
    return scene.tell([subscription.billed(line, extra, *rest)], expected)


@CAST.archetype()
def overcredited(scene: Scene) -> Story:
    """More seats credited than billed, so that the sum is below zero."""
    start = scene.a_day()
    subscription = with_usage(scene.monthly(start, 3), assigned=0)
    lines = list(subscription.lines)
    (last,) = (line for line in lines if line.covers(scene.last_day))
    credit = replace(
        last, seats=5, unit_cents=-last.unit_cents, charge="Customer credit"
    )
    lines.insert(lines.index(last) + 1, credit)
    expected = scene.expect(start, -2, 0, BOTH)
    return scene.tell([subscription.billed(*lines)], expected)


@CAST.archetype(fits=has_purchases)
def team_members_beside(scene: Scene) -> Story:
    """Few seats beside many licences of Dynamics 365 that are none."""
    start, seats = scene.a_day(), scene.minimum - 1
    light = scene.monthly(
        start, scene.enough(), scene.chance.pick(scene.world.products.purchases)
    )
    expected = scene.expect(start, seats, seats, BOTH)
    return scene.tell([scene.monthly(start, seats), light], expected)


@CAST.archetype(weight=4, fits=has_purchases)
def other_products_only(scene: Scene) -> Story:
    """Dynamics 365 of other product families alone: no customer of the campaign."""
    product = scene.chance.pick(scene.world.products.purchases)
    return scene.tell([scene.monthly(scene.a_day(), scene.enough(), product)])


@CAST.archetype(fits=has_trials)
def trial_only(scene: Scene) -> Story:
    """A trial alone: no customer of the campaign."""
    product = scene.chance.pick(scene.world.products.trials)
    return scene.tell([scene.monthly(scene.a_day(), scene.enough(), product)])
