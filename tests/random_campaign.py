"""Small nasty extracts of one campaign, made up from a seed.

They are written in every dialect that the contract allows and cluster at the
boundaries that decide money, so that two readings of the contract can be compared
over many seeds.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from tests.reference.invention import deliveries
from tests.reference.invention.file_faults import plant
from tests.reference.invention.parcels import Parcel, add_control, deliver
from tests.reference.invention.values import chance, days, pick

LAST_DAY = date(2019, 6, 30)
FAULTY = 1 / 12
FINAL_AS_OF = days("06-30", "06-30", "06-30", "07-01", "09-30")
FINAL_KNOWN_AT = days("08-15", "08-15", "08-16", "10-01")
OPEN_AS_OF = days("06-30", "06-29", "05-29", "05-30", "05-31", "03-31", "01-01")
OPEN_KNOWN_AT = days("08-14", "08-01", "07-31", "07-30", "06-30", "04-15", "08-15")
BEFORE_IT_ALL = days("2018-12-31")


@dataclass(frozen=True)
class RandomCampaign:
    """The settings to run a made-up campaign with; None leaves one to its default.

    ``planted`` is the refusal code of the one fault that was put in on purpose, if
    any. Without one the run goes through, unless the allowance for quarantined rows
    is so small that row faults may use it up.
    """

    seed: int
    source: Path
    as_of: date | None
    known_at: date | None
    max_quarantine_share: Decimal
    planted: str | None


def write_random_campaign(seed: int, out: Path) -> RandomCampaign:
    """Write the extracts of *seed* under *out* and return how to run them."""
    rng = random.Random(seed)  # noqa: S311 - it must repeat, not be secret
    as_of, known_at = _choose_days(rng)
    horizon = known_at or date.max
    turn = min(as_of or horizon, LAST_DAY)
    parcels = deliveries.invent(rng, turn, horizon)
    for parcel in parcels:
        if chance(rng, 0.5 if parcel.feed == "billing" else 0.2):
            add_control(rng, parcel)
    planted = plant(rng, parcels, horizon) if chance(rng, FAULTY) else None
    for parcel in parcels:
        deliver(rng, parcel, out)
    _litter(rng, parcels, out)
    share = pick(rng, {"0.9": 20, "1": 5, "0.25": 1, "0.05": 1})
    if planted == "quarantine_share":
        share = "0"
    elif planted:
        share = "0.9"
    return RandomCampaign(seed, out, as_of, known_at, Decimal(share), planted)


def _choose_days(rng: random.Random) -> tuple[date | None, date | None]:
    """Choose days before, in and after the campaign, most of them final."""
    if chance(rng, 0.6):
        as_of, known_at = rng.choice(FINAL_AS_OF), rng.choice(FINAL_KNOWN_AT)
    else:
        as_of, known_at = rng.choice(OPEN_AS_OF), rng.choice(OPEN_KNOWN_AT)
    if chance(rng, 0.03):
        as_of = rng.choice(BEFORE_IT_ALL)
    return (
        None if chance(rng, 0.08) else as_of,
        None if chance(rng, 0.08) else known_at,
    )


def _litter(rng: random.Random, parcels: list[Parcel], out: Path) -> None:
    """Leave about what is no delivery and no data file, and must be passed over."""
    parcel = rng.choice(parcels)
    folder = out / parcel.feed / parcel.delivery.isoformat()
    if chance(rng, 0.2):
        (folder / "read me.txt").write_text("not a data file")
    if chance(rng, 0.2):
        (folder / "old.csv.bak").write_bytes(b"\xff\x00")
    if chance(rng, 0.2):
        _write(out / parcel.feed / "2019-13-01" / "no-such-month.csv")
    if chance(rng, 0.2):
        _write(out / parcel.feed / "latest" / "copy.csv")
    if chance(rng, 0.1):
        _write(out / "another_feed" / "2019-06-30" / "some.csv")
    if chance(rng, 0.1):
        newest = max(each.delivery for each in parcels) + timedelta(days=1)
        _write(out / parcel.feed / newest.isoformat() / "notes.md")


def _write(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b'"\x00 not to be read')
