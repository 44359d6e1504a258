"""Made-up partners: each of a kind that says what is to be decided of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipelines.generation import accounts, names
from pipelines.generation.timetable import DAY

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from pipelines.generation.cells import Record
    from pipelines.generation.chance import Chance
    from pipelines.generation.world import World

BELOW_KNOWN_RESELLER = (
    "known_reseller",
    "active_mpn",
    "reseller_agreement",
    "eligible_competency",
    "program_enrolment",
    "in_compliance",
    "proof_of_performance",
)
YEAR = 365 * DAY
# No style of date reads it.
NO_DATE = "13/45/2019"


@dataclass
class Partner:
    """One partner with its rows in the four feeds that speak of partners."""

    mpn_id: str
    name: str
    world: World
    chance: Chance
    row: Record
    # Rows that stand before the partner's own, and that its own wins over.
    earlier_rows: list[Record] = field(default_factory=list)
    competencies: list[Record] = field(default_factory=list)
    proofs: list[Record] = field(default_factory=list)
    accounts: list[Record] = field(default_factory=list)
    is_listed: bool = True


@dataclass(frozen=True)
class Kind:
    """A kind of partner; its docstring says what it shows.

    ``is_lone``: there is one of it, whatever the number of partners. ``identity``
    is its id, where it has not one of its own.
    """

    name: str
    shows: str
    failed: tuple[str, ...]
    pending: tuple[str, ...]
    holds: tuple[str, ...]
    is_lone: bool
    identity: str | None
    make: Callable[[Partner], None]
    fits: Callable[[World], bool]

    @property
    def is_sound(self) -> bool:
        """Whether nothing keeps such a partner from being paid."""
        return not (self.failed or self.pending or self.holds)


@dataclass
class Kinds:
    """All kinds of partners, in the order in which they come first."""

    kinds: list[Kind] = field(default_factory=list)

    def kind(  # noqa: PLR0913 - what a kind declares
        self,
        *,
        failed: str = "",
        pending: str = "",
        holds: str = "",
        is_lone: bool = False,
        identity: str | None = None,
        fits: Callable[[World], bool] = lambda _: True,
    ) -> Callable[[Callable[[Partner], None]], Callable[[Partner], None]]:
        """Add the decorated function, which changes a sound partner."""

        def add(make: Callable[[Partner], None]) -> Callable[[Partner], None]:
            shows = (make.__doc__ or "").partition("\n\n")[0].rstrip(".")
            kind = Kind(
                make.__name__,
                shows,
                tuple(failed.split()),
                tuple(pending.split()),
                tuple(holds.split()),
                is_lone,
                identity,
                make,
                fits,
            )
            self.kinds.append(kind)
            return make

        return add


def two_dates(world: World) -> bool:
    """Tell whether there are two eligibility dates, about a month apart or more."""
    return world.has_two_dates


def mpn_id(number: int) -> str:
    """Return the id of the partner of a number; every 23rd begins with a zero.

    >>> mpn_id(0), mpn_id(22)
    ('4310002', '0310838')
    """
    text = str(4_310_002 + 38 * number)
    return f"0{text[1:]}" if number % 23 == 22 else text  # noqa: PLR2004 - see above


def sound_partner(world: World, number: int, key: str) -> Partner:
    """Return a partner that nothing keeps from being paid."""
    chance = world.chance("partner", number)
    name = names.reseller(chance)
    partner = Partner(key, name, world, chance, _sound_row(world, chance, key, name))
    partner.competencies.append(competency_row(partner))
    partner.proofs.append(proof_row(partner))
    partner.accounts.append(account_row(partner))
    return partner


def _sound_row(world: World, chance: Chance, key: str, name: str) -> Record:
    long_ago = world.first_day - 2 * YEAR
    lately = world.first_day - 90 * DAY
    steps = ("AccountVerifiedOn", "TermsAcceptedOn")
    profiles = ("PaymentProfileCompletedOn", "TaxProfileCompletedOn")
    row: Record = {
        "MpnId": key,
        "PartnerName": name,
        "ContactEmail": names.email(name),
        "Country": chance.pick(names.COUNTRIES),
        "MpnActiveFrom": chance.day(long_ago - 4 * YEAR, long_ago),
        "MpnActiveTo": chance.pick((None, world.last_day + YEAR)),
        "ResellerAgreementSignedOn": chance.day(long_ago, lately),
        "CspIncentiveEnrolledOn": chance.day(lately, world.first_day + 60 * DAY),
        "NonCompliantFrom": None,
        "NonCompliantTo": None,
    }
    for step in (*steps, *profiles):
        row[step] = chance.day(lately, world.last_day)
    return row


def competency_row(partner: Partner, **changes: str | dt.date | None) -> Record:
    """Return a competency that the campaign accepts on every eligibility date."""
    campaign, chance = partner.world.campaign, partner.chance
    admitted = [
        item
        for item in campaign.competencies
        if not item.admitted_from or item.admitted_from <= partner.world.first_date
    ]
    item = chance.pick(admitted or campaign.competencies)
    since = chance.day(
        partner.world.first_day - 2 * YEAR, partner.world.first_day - 30 * DAY
    )
    row: Record = {
        "MpnId": partner.mpn_id,
        "Competency": item.name,
        "Level": chance.pick(campaign.competency_levels),
        "Status": campaign.competency_statuses[0],
        "ActiveFrom": max(since, item.admitted_from or since),
        "ActiveTo": chance.pick((None, partner.world.last_day + 200 * DAY)),
    }
    return row | changes


def proof_row(partner: Partner, **changes: str | dt.date | None) -> Record:
    """Return a proof of performance that was accepted in time."""
    world, chance = partner.world, partner.chance
    row: Record = {
        "MpnId": partner.mpn_id,
        "DocumentRef": f"POP-{partner.mpn_id}-{chance.digits(3)}",
        "DocumentSha256": f"{chance.below(1 << 256):064x}",
        "SubmittedOn": chance.day(
            world.last_day - 20 * DAY, world.campaign.proof_due_on
        ),
        "Status": "Accepted",
    }
    return row | changes


def account_row(partner: Partner, **changes: str | dt.date | None) -> Record:
    """Return a bank account that can be paid to."""
    chance = partner.chance
    key, name = partner.mpn_id, partner.name
    country = chance.pick(("US", "GB", "GB", "DE", "NL", "IE"))
    if country == "US":
        row = accounts.routing_account(chance, key, name)
    else:
        row = accounts.iban_account(chance, key, name, country)
    first = partner.world.first_day - 200 * DAY
    return row | {"ChangedOn": chance.day(first, partner.world.first_day)} | changes


def partner_of(world: World, kind: Kind, number: int) -> Partner:
    """Return the partner of a number, of its kind."""
    partner = sound_partner(world, number, kind.identity or mpn_id(number))
    kind.make(partner)
    return partner
