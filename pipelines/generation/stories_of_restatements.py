"""Customers that show what a restated invoice does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.generation.stories_of_faults import fault
from pipelines.generation.story import Cast
from pipelines.generation.subscriptions import (
    BOTH_EDITIONS,
    FIRST_EDITION,
    SECOND_EDITION,
)
from pipelines.generation.timetable import DAY

if TYPE_CHECKING:
    from pipelines.generation.story import Scene, Story
    from pipelines.generation.subscriptions import Line, Subscription

CAST = Cast()


def _last_cycle(scene: Scene, subscription: Subscription) -> Line:
    """Return the cycle of the last day, as a line of the restated invoice."""
    (line,) = (line for line in subscription.lines if line.covers(scene.last_day))
    month = scene.world.table.month_of(scene.last_day)
    return replace(line, month=month, edition=BOTH_EDITIONS)


def _with_editions(
    scene: Scene, subscription: Subscription, *editions: Line
) -> Subscription:
    others = (line for line in subscription.lines if not line.covers(scene.last_day))
    return subscription.billed(*sorted((*others, *editions), key=_by_first))


def _by_first(line: Line) -> tuple[object, int]:
    return line.first, line.edition


@CAST.archetype(weight=2)
def restated_upwards(scene: Scene) -> Story:
    """One seat short on the first invoice; the restated one replaces it whole."""
    start, seats = scene.a_day(), scene.minimum
    subscription = scene.monthly(start, seats)
    line = _last_cycle(scene, subscription)
    first = replace(line, seats=seats - 1, edition=FIRST_EDITION)
    second = replace(line, edition=SECOND_EDITION)
    subscription = _with_editions(scene, subscription, first, second)
    return scene.tell([subscription], scene.expect(start, seats, seats))


@CAST.archetype()
def restated_downwards(scene: Scene) -> Story:
    """Enough seats on the first invoice, one short on the restated one."""
    start, seats = scene.a_day(), scene.minimum
    subscription = scene.monthly(start, seats)
    line = _last_cycle(scene, subscription)
    first = replace(line, edition=FIRST_EDITION)
    second = replace(line, seats=seats - 1, edition=SECOND_EDITION)
    subscription = _with_editions(scene, subscription, first, second)
    expected = scene.expect(start, seats - 1, seats, "billed_seats")
    return scene.tell([subscription], expected)


@CAST.archetype()
def restated_away(scene: Scene) -> Story:
    """On the first invoice only: the restated one has no row of it any more."""
    start, seats = scene.a_day(), scene.minimum
    subscription = scene.monthly(start, seats, assigned=seats)
    first = replace(_last_cycle(scene, subscription), edition=FIRST_EDITION)
    subscription = _with_editions(scene, subscription, first)
    return scene.tell([subscription], scene.expect(start, 0, seats, "billed_seats"))


@CAST.archetype()
def restated_and_mended(scene: Scene) -> Story:
    """In quarantine on the first invoice, mended on the restated one."""
    start, seats = scene.a_day(), scene.enough()
    subscription = scene.monthly(start, seats)
    line = _last_cycle(scene, subscription)
    spoiled = fault(scene, "bad_number", line)
    first = replace(line, edition=FIRST_EDITION, spoiled=spoiled)
    second = replace(line, edition=SECOND_EDITION)
    subscription = _with_editions(scene, subscription, first, second)
    return scene.tell([subscription], scene.expect(start, seats, seats))


@CAST.archetype()
def restated_unchanged(scene: Scene) -> Story:
    """On a restated invoice that says the same: counted once."""
    start, seats = scene.a_day(), scene.minimum
    subscription = scene.monthly(start, seats)
    line = _last_cycle(scene, subscription)
    subscription = _with_editions(scene, subscription, line)
    return scene.tell([subscription], scene.expect(start, seats, seats))


@CAST.archetype()
def restated_beginning(scene: Scene) -> Story:
    """Begun on the eve on the first invoice, on the first day on the restated one."""
    start, seats = scene.first_day, scene.enough()
    subscription = scene.monthly(start, seats)
    line, *rest = subscription.lines
    line = replace(line, month=scene.world.table.month_of(start))
    first = replace(line, first=start - DAY, edition=FIRST_EDITION)
    second = replace(line, edition=SECOND_EDITION)
    subscription = subscription.billed(first, second, *rest)
    return scene.tell([subscription], scene.expect(start, seats, seats))
