"""Customers that show which assigned licences count."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.generation.cells import SURPLUS_CELL
from pipelines.generation.partners import NO_DATE
from pipelines.generation.stories_of_faults import LOST
from pipelines.generation.story import Cast, with_usage

if TYPE_CHECKING:
    from pipelines.generation.cells import Cell
    from pipelines.generation.story import Scene, Story
    from pipelines.generation.subscriptions import Subscription
    from pipelines.generation.world import World

CAST = Cast()


def has_later_count(world: World) -> bool:
    """Tell whether a usage delivery comes after the measured day's last count."""
    return not world.table.usage[-1].is_final_count


def _counted(scene: Scene, **usage: object) -> tuple[Subscription, int]:
    """Return a subscription with seats enough, and with such usage."""
    subscription = scene.monthly(scene.a_day(), scene.enough())
    return with_usage(subscription, **usage), subscription.lines[0].seats


def _spoiled_count(
    scene: Scene, count: str, cells: dict[str, Cell], *, is_lost: bool
) -> Story:
    """Tell of a customer with a faulty usage row in one of the counts."""
    subscription, seats = _counted(scene, spoiled={count: cells})
    assigned = 0 if is_lost else seats
    pending = f"assigned_seats {LOST}" if is_lost else ""
    start = subscription.starts_on
    return scene.tell(
        [subscription], scene.expect(start, seats, assigned, pending=pending)
    )


@CAST.archetype()
def usage_bad_number(scene: Scene) -> Story:
    """The measured day's usage row is quarantined: a fraction of a licence."""
    return _spoiled_count(scene, "final", {"AssignedSeats": "12.6"}, is_lost=True)


@CAST.archetype()
def usage_bad_enum(scene: Scene) -> Story:
    """The measured day's usage row is quarantined: a flag that is neither 0 nor 1."""
    return _spoiled_count(scene, "final", {"IsDuplicateRowForPGA": "2"}, is_lost=True)


@CAST.archetype()
def usage_bad_date(scene: Scene) -> Story:
    """A usage row without a readable date: it may be the measured day's."""
    return _spoiled_count(scene, "final", {"SnapshotDate": NO_DATE}, is_lost=True)


@CAST.archetype()
def usage_ragged(scene: Scene) -> Story:
    """A usage row with a cell too many: it may be the measured day's."""
    return _spoiled_count(scene, "final", {SURPLUS_CELL: "0"}, is_lost=True)


@CAST.archetype()
def usage_mended(scene: Scene) -> Story:
    """A faulty usage row in the first count, mended by the final one."""
    return _spoiled_count(scene, "first", {"AssignedSeats": None}, is_lost=False)


@CAST.archetype(fits=has_later_count)
def usage_of_another_day(scene: Scene) -> Story:
    """A faulty usage row of a day that is not measured."""
    return _spoiled_count(scene, "later", {"AssignedSeats": "-3"}, is_lost=False)


@CAST.archetype(fits=has_later_count)
def usage_of_no_day(scene: Scene) -> Story:
    """A faulty usage row without a readable date, beside a good count."""
    subscription, seats = _counted(scene, spoiled={"later": {"SnapshotDate": NO_DATE}})
    expected = scene.expect(subscription.starts_on, seats, seats, pending=LOST)
    return scene.tell([subscription], expected)


@CAST.archetype()
def count_corrected_upwards(scene: Scene) -> Story:
    """Too few assigned by the first count; the final count wins whole."""
    subscription, seats = _counted(scene, first=1)
    return scene.tell(
        [with_usage(subscription, assigned=seats)],
        scene.expect(subscription.starts_on, seats, seats),
    )


@CAST.archetype()
def count_corrected_downwards(scene: Scene) -> Story:
    """Enough assigned by the first count, too few by the final one."""
    short = scene.minimum - 1
    subscription, seats = _counted(scene, first=scene.minimum, assigned=short)
    expected = scene.expect(subscription.starts_on, seats, short, "assigned_seats")
    return scene.tell([subscription], expected)


@CAST.archetype()
def counted_as_copy(scene: Scene) -> Story:
    """Enough assigned only with rows that are copies."""
    short = scene.minimum - 1
    subscription, seats = _counted(scene, assigned=short, copies=scene.minimum)
    expected = scene.expect(subscription.starts_on, seats, short, "assigned_seats")
    return scene.tell([subscription], expected)


@CAST.archetype()
def counted_in_two_rows(scene: Scene) -> Story:
    """Assigned licences in two rows of one subscription: they add up."""
    short = scene.minimum - 1
    subscription, seats = _counted(scene, assigned=short)
    rest = replace(with_usage(subscription, assigned=1), lines=())
    expected = scene.expect(subscription.starts_on, seats, scene.minimum)
    return scene.tell([subscription, rest], expected)


@CAST.archetype()
def counted_elsewhere(scene: Scene) -> Story:
    """Licences assigned on a subscription number that was never billed."""
    subscription, seats = _counted(scene)
    stray = replace(subscription, number=scene.chance.guid(), lines=())
    expected = scene.expect(subscription.starts_on, seats, 0, "assigned_seats")
    return scene.tell([replace(subscription, usage=None), stray], expected)


@CAST.archetype()
def never_counted(scene: Scene) -> Story:
    """Billed, but in no usage file: nothing is assigned."""
    subscription, seats = _counted(scene)
    expected = scene.expect(subscription.starts_on, seats, 0, "assigned_seats")
    return scene.tell([replace(subscription, usage=None)], expected)
