"""Customers whose seats change: raised, reduced, suspended, billed late."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.generation.stories_of_seats import BOTH
from pipelines.generation.story import Cast
from pipelines.generation.subscriptions import cancelled, changed
from pipelines.generation.timetable import DAY

if TYPE_CHECKING:
    import datetime as dt

    from pipelines.generation.story import Scene, Story
    from pipelines.generation.subscriptions import Subscription

CAST = Cast()


def _changing(scene: Scene, on: dt.date, before: int, after: int) -> Subscription:
    """Return a monthly subscription, begun early, whose seats change on a day."""
    start = scene.an_early_day()
    subscription = scene.monthly(start, before, assigned=max(before, after))
    table = scene.world.table
    return subscription.billed(*changed(table, subscription.lines, on, after))


@CAST.archetype(weight=4)
def raised(scene: Scene) -> Story:
    """Seats raised within a cycle: the cycle is credited and billed again."""
    before, seats = scene.minimum - 1, scene.enough()
    on = scene.first_day + (40 + scene.chance.below(15)) * DAY
    subscription = _changing(scene, on, before, seats)
    expected = scene.expect(subscription.starts_on, seats, seats)
    return scene.tell([subscription], expected)


@CAST.archetype()
def annual_raised(scene: Scene) -> Story:
    """Seats raised within a year: the year is credited and billed again."""
    start, seats = scene.a_day(), scene.enough()
    subscription = scene.annual(start, scene.minimum - 1, assigned=seats)
    lines = changed(scene.world.table, subscription.lines, start + 25 * DAY, seats)
    expected = scene.expect(start, seats, seats)
    return scene.tell([subscription.billed(*lines)], expected)


@CAST.archetype()
def raised_on_the_last_day(scene: Scene) -> Story:
    """The seat that was missing comes on the last day."""
    seats = scene.minimum
    subscription = _changing(scene, scene.last_day, seats - 1, seats)
    expected = scene.expect(subscription.starts_on, seats, seats)
    return scene.tell([subscription], expected)


@CAST.archetype()
def raised_a_day_late(scene: Scene) -> Story:
    """The seat that was missing comes a day after the last."""
    seats = scene.minimum
    subscription = _changing(scene, scene.last_day + DAY, seats - 1, seats)
    expected = scene.expect(subscription.starts_on, seats - 1, seats, "billed_seats")
    return scene.tell([subscription], expected)


@CAST.archetype()
def reduced_on_the_last_day(scene: Scene) -> Story:
    """One seat too few from the last day on."""
    seats = scene.minimum
    subscription = _changing(scene, scene.last_day, seats, seats - 1)
    expected = scene.expect(subscription.starts_on, seats - 1, seats, "billed_seats")
    return scene.tell([subscription], expected)


@CAST.archetype()
def reduced_a_day_later(scene: Scene) -> Story:
    """One seat too few from the day after the last: too late to matter."""
    seats = scene.minimum
    subscription = _changing(scene, scene.last_day + DAY, seats, seats - 1)
    expected = scene.expect(subscription.starts_on, seats, seats)
    return scene.tell([subscription], expected)


@CAST.archetype()
def reduced_by_a_late_invoice(scene: Scene) -> Story:
    """A credit for the last day that arrives after the cut-off, and counts."""
    seats = scene.minimum
    before = _changing(scene, scene.last_day, seats, seats - 1)
    latest = len(scene.world.table.months) - 1
    lines = (
        replace(line, month=latest) if line.charge == "Cycle instance prorate" else line
        for line in before.lines
    )
    expected = scene.expect(before.starts_on, seats - 1, seats, "billed_seats")
    return scene.tell([before.billed(*lines)], expected)


@CAST.archetype()
def billed_by_a_late_invoice(scene: Scene) -> Story:
    """The cycle of the last day, billed only after the cut-off."""
    start, seats = scene.a_day(), scene.enough()
    subscription = scene.monthly(start, seats)
    latest = len(scene.world.table.months) - 1
    lines = (
        replace(line, month=latest) if line.covers(scene.last_day) else line
        for line in subscription.lines
    )
    expected = scene.expect(start, seats, seats)
    return scene.tell([subscription.billed(*lines)], expected)


def _suspended(scene: Scene, start: dt.date, on: dt.date) -> Subscription:
    subscription = scene.monthly(start, scene.enough())
    lines = cancelled(scene.world.table, subscription.lines, on)
    return replace(subscription, lines=lines, ends_on=on - DAY)


@CAST.archetype(weight=4)
def suspended(scene: Scene) -> Story:
    """Suspended in the campaign, and credited from that day on."""
    start = scene.a_day()
    subscription = _suspended(scene, start, start + 25 * DAY)
    return scene.tell([subscription], scene.expect(start, 0, 0, BOTH))


@CAST.archetype()
def suspended_at_once(scene: Scene) -> Story:
    """Suspended within days and credited back to the first: never a customer."""
    start = scene.a_day()
    return scene.tell([_suspended(scene, start, start)])


@CAST.archetype()
def suspended_on_the_last_day(scene: Scene) -> Story:
    """Suspended on the last day, with the licences still assigned."""
    start = scene.a_day()
    subscription = _suspended(scene, start, scene.last_day)
    subscription = replace(subscription, ends_on=scene.last_day)
    seats = subscription.lines[0].seats
    return scene.tell([subscription], scene.expect(start, 0, seats, "billed_seats"))


@CAST.archetype()
def suspended_a_day_later(scene: Scene) -> Story:
    """Suspended on the day after the last: too late to matter."""
    start = scene.a_day()
    subscription = _suspended(scene, start, scene.last_day + DAY)
    seats = subscription.lines[0].seats
    return scene.tell([subscription], scene.expect(start, seats, seats))


@CAST.archetype()
def restarted(scene: Scene) -> Story:
    """Suspended and started again in the campaign: it began when it first began."""
    start = scene.first_day + (1 + scene.chance.below(10)) * DAY
    stopped = _suspended(scene, start, start + 20 * DAY)
    seats = stopped.lines[0].seats
    again = scene.monthly(start + 45 * DAY, seats, stopped.product)
    lines = (*stopped.lines, *again.lines)
    subscription = replace(stopped, lines=lines, ends_on=again.ends_on)
    return scene.tell([subscription], scene.expect(start, seats, seats))
