"""Which customer is of which archetype, with which partners."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from pipelines.generation import (
    kinds_failing,
    kinds_held,
    kinds_sound,
    stories_of_changes,
    stories_of_counts,
    stories_of_days,
    stories_of_faults,
    stories_of_restatements,
    stories_of_seats,
    stories_of_sellers,
)
from pipelines.generation.partners import Kind, Partner, mpn_id, partner_of
from pipelines.generation.story import Archetype, Scene, Story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.generation.world import World

ARCHETYPES = (
    *stories_of_seats.CAST.archetypes,
    *stories_of_changes.CAST.archetypes,
    *stories_of_days.CAST.archetypes,
    *stories_of_sellers.CAST.archetypes,
    *stories_of_faults.CAST.archetypes,
    *stories_of_restatements.CAST.archetypes,
    *stories_of_counts.CAST.archetypes,
)
KINDS = (
    *kinds_sound.KINDS.kinds,
    *kinds_failing.KINDS.kinds,
    *kinds_held.KINDS.kinds,
)
CUSTOMERS_OF_A_PARTNER = 8
# Customers that qualify if their partner lets them: each kind of partner has one.
SOUND_ARCHETYPES = 3
# Of the partners beyond one of each kind, one in so many is of any kind.
ODD_PARTNERS = 5


class Casting:
    """Every customer and every partner of a campaign, each found by its number.

    First comes a sound customer for each kind of partner, then a customer of each
    archetype with sound partners, then chance.
    """

    def __init__(self, world: World, customers: int) -> None:
        self.world, self.customers = world, customers
        self.kinds = [kind for kind in KINDS if kind.fits(world)]
        self.archetypes = [each for each in ARCHETYPES if each.fits(world)]
        self._weighted = [
            place
            for place, each in enumerate(self.archetypes)
            for _ in range(each.weight)
        ]
        self.partners = max(len(self.kinds), customers // CUSTOMERS_OF_A_PARTNER)
        sound = [place for place, kind in enumerate(self.kinds) if kind.is_sound]
        many = [place for place, kind in enumerate(self.kinds) if not kind.is_lone]
        again = [place for place in many if place in sound]
        self._kind_of = array("H", range(len(self.kinds)))
        for number in range(len(self.kinds), self.partners):
            chance = world.chance("kind", number)
            choices = many if chance.one_in(ODD_PARTNERS) else again
            self._kind_of.append(chance.pick(choices))
        is_sound = set(sound)
        numbers = (n for n, kind in enumerate(self._kind_of) if kind in is_sound)
        self._sound = array("L", numbers)

    def kind_of(self, partner: int) -> Kind:
        """Return the kind of the partner of a number."""
        return self.kinds[self._kind_of[partner]]

    def id_of(self, partner: int) -> str:
        """Return the id of the partner of a number."""
        return self.kind_of(partner).identity or mpn_id(partner)

    def partner(self, number: int) -> Partner:
        """Return the partner of a number, with all its rows."""
        return partner_of(self.world, self.kind_of(number), number)

    def story(self, number: int) -> Story:
        """Tell the story of the customer of a number."""
        archetype, partner = self._cast(number)
        others = self._sound_partners(number, partner)
        ids = (self.id_of(partner), self.id_of(next(others)), self.id_of(next(others)))
        return archetype.tell(Scene(self.world, number, ids, archetype.name))

    def _cast(self, number: int) -> tuple[Archetype, int]:
        chance = self.world.chance("cast", number)
        if number < len(self.kinds):
            return self.archetypes[number % SOUND_ARCHETYPES], number
        place = number - len(self.kinds)
        if place < len(self.archetypes):
            return self.archetypes[place], chance.pick(self._sound)
        archetype = self.archetypes[chance.pick(self._weighted)]
        return archetype, chance.below(self.partners)

    def _sound_partners(self, number: int, partner: int) -> Iterator[int]:
        """Yield sound partners other than one."""
        start = self.world.chance("others", number).below(len(self._sound))
        for step in range(len(self._sound)):
            other = self._sound[(start + step) % len(self._sound)]
            if other != partner:
                yield other
