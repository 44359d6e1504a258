"""Customers that show when one begins, and what it is in the customer list."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.generation.stories_of_seats import has_purchases, has_trials
from pipelines.generation.story import Cast
from pipelines.generation.subscriptions import cancelled
from pipelines.generation.timetable import DAY

if TYPE_CHECKING:
    import datetime as dt
    from typing import Any

    from pipelines.generation.products import Product
    from pipelines.generation.story import Scene, Story
    from pipelines.generation.subscriptions import Subscription

CAST = Cast()

OLD = "new_to_dynamics onboarded_in_window"


@CAST.archetype(weight=60)
def ordinary(scene: Scene) -> Story:
    """An old customer whose subscription has been running since long before."""
    start, seats = scene.a_day_before(), 1 + scene.chance.below(40)
    short = "" if seats >= scene.minimum else " billed_seats assigned_seats"
    expected = scene.expect(start, seats, seats, OLD + short)
    return scene.tell([scene.monthly(start, seats)], expected, is_ordinary=True)


@CAST.archetype(weight=15)
def other_lines_before(scene: Scene) -> Story:
    """New to Dynamics 365, with products of other lines for long."""
    office = scene.monthly(
        scene.a_day_before(),
        scene.enough(),
        scene.chance.pick(scene.world.products.others),
    )
    return _new(scene, scene.a_day(), office)


@CAST.archetype()
def on_the_first_day(scene: Scene) -> Story:
    """Began on the campaign's first day."""
    return _new(scene, scene.first_day)


@CAST.archetype()
def on_the_last_day(scene: Scene) -> Story:
    """Began on the campaign's last day."""
    return _new(scene, scene.last_day)


def _new(scene: Scene, start: dt.date, *others: Subscription) -> Story:
    """Tell of a new customer that qualifies, whatever *others* it has."""
    seats = scene.enough()
    expected = scene.expect(start, seats, seats)
    return scene.tell([*others, scene.monthly(start, seats)], expected)


@CAST.archetype()
def on_the_eve(scene: Scene) -> Story:
    """Began on the day before the campaign's first."""
    start, seats = scene.first_day - DAY, scene.enough()
    expected = scene.expect(start, seats, seats, OLD)
    return scene.tell([scene.annual(start, seats)], expected)


@CAST.archetype()
def after_the_end(scene: Scene) -> Story:
    """Began on the day after the campaign's last: no candidate."""
    return scene.tell([scene.monthly(scene.last_day + DAY, scene.enough())])


@CAST.archetype(weight=4, fits=has_purchases)
def bought_before(scene: Scene) -> Story:
    """Bought another product of Dynamics 365 before the campaign."""
    before = _stopped_before(scene, scene.chance.pick(scene.world.products.purchases))
    start, seats = scene.a_day(), scene.enough()
    expected = scene.expect(start, seats, seats, "new_to_dynamics")
    return scene.tell([before, scene.monthly(start, seats)], expected)


def _stopped_before(scene: Scene, product: Product | None) -> Subscription:
    """Return a subscription that ran for weeks, long before the campaign."""
    start = scene.a_day_before()
    before = scene.monthly(start, 3, product)
    on = start + (1 + scene.chance.below(45)) * DAY
    lines = cancelled(scene.world.table, before.lines, on)
    return replace(before, lines=lines, ends_on=on - DAY)


@CAST.archetype(fits=has_purchases)
def bought_beside(scene: Scene) -> Story:
    """Bought another product of Dynamics 365 on the first day: still new."""
    product = scene.chance.pick(scene.world.products.purchases)
    return _new(scene, scene.a_day(), scene.monthly(scene.first_day, 3, product))


@CAST.archetype(fits=has_trials)
def tried_before(scene: Scene) -> Story:
    """Had a trial before the campaign, which is no purchase."""
    trial = _stopped_before(scene, scene.chance.pick(scene.world.products.trials))
    return _new(scene, scene.a_day(), trial)


@CAST.archetype()
def refunded_before(scene: Scene) -> Story:
    """Bought before the campaign, and was credited in full: never bought."""
    before = scene.monthly(scene.a_day_before(), 5)
    lines = cancelled(scene.world.table, before.lines, before.starts_on)
    before = replace(before, lines=lines, ends_on=before.starts_on - DAY)
    return _new(scene, scene.a_day(), before)


@CAST.archetype()
def came_back(scene: Scene) -> Story:
    """Had seats before the campaign and comes back in it: no new beginning."""
    before = _stopped_before(scene, None)
    seats = scene.enough()
    expected = scene.expect(before.starts_on, seats, seats, OLD)
    return scene.tell([before, scene.monthly(scene.a_day(), seats)], expected)


def _listed(
    scene: Scene, *listings: dict[str, str], failed: str = "", pending: str = ""
) -> Story:
    """Tell of a customer that is listed in such rows, and is fine otherwise."""
    start, seats = scene.a_day(), scene.enough()
    expected = scene.expect(start, seats, seats, failed, pending)
    return scene.tell([scene.annual(start, seats)], expected, listings=listings)


@CAST.archetype(weight=4)
def other_segment(scene: Scene) -> Story:
    """Of another segment than the campaign's."""
    return _listed(scene, {"Segment": "Enterprise"}, failed="smb_segment")


@CAST.archetype()
def segment_in_other_case(scene: Scene) -> Story:
    """The campaign's segment, in small letters."""
    return _listed(scene, {"Segment": scene.world.campaign.segment.lower()})


@CAST.archetype()
def segment_blank(scene: Scene) -> Story:
    """Listed without a segment."""
    return _listed(scene, {"Segment": ""}, pending="smb_segment")


@CAST.archetype()
def not_listed(scene: Scene) -> Story:
    """Billed, but not in the customer list."""
    return _listed(scene, pending="smb_segment")


@CAST.archetype()
def listed_in_quarantine(scene: Scene) -> Story:
    """In the customer list with a parent id that is none: its row is quarantined."""
    return _listed(scene, {"TopParentId": "unknown"}, pending="smb_segment")


@CAST.archetype()
def listed_twice(scene: Scene) -> Story:
    """In the customer list twice: the last row wins."""
    return _listed(scene, {"Segment": "Enterprise"}, {})


@CAST.archetype()
def segment_known_late(scene: Scene) -> Story:
    """Without a segment in the older customer lists, with one in the newest."""
    story = _listed(scene, {})
    changes: dict[str, Any] = {"earlier_segment": ""}
    return replace(story, **changes)


@CAST.archetype()
def renamed(scene: Scene) -> Story:
    """Billed under two names, which is odd and decides nothing."""
    start, part = scene.a_day(), scene.minimum - 1
    renamed_customer = replace(scene.customer, name=f"{scene.customer.name} (old)")
    first = replace(scene.annual(start, part), customer=renamed_customer)
    second = scene.monthly(start + 10 * DAY, part)
    return scene.tell([first, second], scene.expect(start, 2 * part, 2 * part))
