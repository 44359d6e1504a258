"""Which made-up rows arrive in which file of which delivery."""

import random
from collections.abc import Callable
from datetime import date, timedelta

from .crowd import Crowd, add_customer
from .mishaps import spoil_some
from .parcels import PROVIDER, Parcel, wrap
from .people import (
    PARTNER_IDS,
    Partner,
    customer_row,
    good_partner_row,
    new_partner,
)
from .values import Record, chance, days, pick

DELIVERY_DAYS = days(
    "01-31",
    "03-05",
    "04-15",
    "05-30",
    "06-05",
    "07-02",
    "07-30",
    "07-31",
    "08-14",
    "08-15",
    "08-16",
    "09-30",
)
# In the order of bytes, which is not that of people: B before a, part-10 before part-2.
STEMS = ("B", "a", "part-10", "part-2", "part_2.final")
DAY = timedelta(days=1)
Invent = Callable[[], dict[str, list[Record]]]


def invent(rng: random.Random, turn: date, horizon: date) -> list[Parcel]:
    """Invent all files of a campaign that is measured on *turn*, known at *horizon*."""
    partners = _invent_partners(rng)
    billed = [each.number for each in partners]
    if chance(rng, 0.2):
        billed.append(rng.choice((PROVIDER, "nobody")))
    snapshots = [day for day in (turn - DAY, turn, turn + DAY) if chance(rng, 0.6)]
    if turn not in snapshots and chance(rng, 0.9):
        snapshots.append(turn)
    crowd = Crowd(billed, turn, snapshots)
    for _ in range(rng.randint(4, 14)):
        add_customer(rng, crowd)
    share = pick(rng, {0.0: 5, 0.02: 3, 0.06: 2})
    parcels = _billing(rng, crowd, horizon, share)
    if not chance(rng, 0.05):
        parcels += _usage(rng, crowd, horizon, share)
    return parcels + _snapshots(rng, partners, crowd, horizon, share)


def _invent_partners(rng: random.Random) -> list[Partner]:
    numbers = rng.sample(PARTNER_IDS, rng.randint(3, len(PARTNER_IDS)))
    return [new_partner(rng, number, flawless=0.62) for number in numbers]


def _known(rng: random.Random, horizon: date) -> date:
    """Return a delivery day that is known at *horizon*."""
    return rng.choice([day for day in DELIVERY_DAYS if day <= horizon])


def _spread(rng: random.Random, records: list, files: int) -> list[list]:
    """Deal the records out over so many files, keeping their order."""
    found: list[list] = [[] for _ in range(files)]
    for record in records:
        rng.choice(found).append(record)
    return found


def _billing(
    rng: random.Random, crowd: Crowd, horizon: date, share: float
) -> list[Parcel]:
    """Deal the billing out over invoices, some of which are stated again."""
    parcels = []
    for at, rows in enumerate(_spread(rng, crowd.billing, rng.randint(2, 7)), start=1):
        stem = f"{rng.choice(('INV', 'D0400', 'inv x'))}-{at}"
        bad = spoil_some(rng, "billing", rows, share if chance(rng, 0.5) else 0)
        delivery = _known(rng, horizon)
        if chance(rng, 0.08) or (chance(rng, 0.5) and horizon > DELIVERY_DAYS[-2]):
            delivery = rng.choice(DELIVERY_DAYS)
        parcels.append(wrap(rng, "billing", delivery, stem, bad))
        if chance(rng, 0.3):
            parcels += _restatements(rng, parcels[-1], rows, crowd, horizon)
    if all(parcel.delivery > horizon for parcel in parcels):
        parcels.append(wrap(rng, "billing", _known(rng, horizon), "first", []))
    return parcels


def _restatements(
    rng: random.Random, true: Parcel, rows: list[Record], crowd: Crowd, horizon: date
) -> list[Parcel]:
    """State an invoice in another delivery too, before or after the true one."""
    others = [day for day in DELIVERY_DAYS if day != true.delivery]
    other = rng.choice(others)
    stem = true.stem + rng.choice(("", ".v2", ".Corrected.2019"))
    changed = spoil_some(rng, "billing", _changed(rng, crowd, rows), 0.05)
    parcel = wrap(rng, "billing", other, stem, changed)
    is_replaced = other < true.delivery <= horizon
    if (is_replaced or other > horizon) and chance(rng, 0.4):
        # Nobody may read it: its invoice is replaced, or it has not come yet.
        parcel.patch = rng.choice((lambda _: b"", lambda _: b'x,"\xff', _halved))
    if is_replaced and chance(rng, 0.2):
        return [parcel, wrap(rng, "billing", other, f"{true.stem}.twin", rows[:1])]
    return [parcel]


def _halved(raw: bytes) -> bytes:
    return raw[: len(raw) // 2] + b"\x00"


def _changed(rng: random.Random, crowd: Crowd, rows: list[Record]) -> list[Record]:
    """Return the rows with some left out, and some with other seats or owners."""
    found = []
    for row in rows:
        copy = dict(row)
        if chance(rng, 0.15):
            copy["Quantity"] = max(0, row["Quantity"] + rng.choice((-1, 1)))
        if chance(rng, 0.05):
            copy["ResellerMpnId"] = rng.choice(crowd.partners)
        if not chance(rng, 0.1):
            found.append(copy)
    return found


def _usage(
    rng: random.Random, crowd: Crowd, horizon: date, share: float
) -> list[Parcel]:
    """Deliver snapshots of seats, some of them again with other seats."""
    parcels = []
    for delivery in sorted({*rng.sample(DELIVERY_DAYS, 3), _known(rng, horizon)}):
        if delivery > horizon and chance(rng, 0.5):
            continue
        rows = [
            row
            for snapshot in crowd.snapshots
            if chance(rng, 0.85)
            for row in _seen_again(rng, crowd.usage.get(snapshot, []))
        ]
        bad = spoil_some(rng, "license_usage", rows, share / 2)
        stems = rng.sample(STEMS, rng.randint(1, 2))
        for stem, part in zip(stems, _spread(rng, bad, len(stems)), strict=True):
            parcels.append(wrap(rng, "license_usage", delivery, stem, part))
    return parcels


def _seen_again(rng: random.Random, rows: list[Record]) -> list[Record]:
    """Return a snapshot as it is, a little changed, or as nothing but copies."""
    way = pick(rng, {"as it is": 8, "changed": 3, "copies": 0.5})
    if way == "copies":
        return [row | {"IsDuplicateRowForPGA": "1"} for row in rows]
    if way == "changed":
        return [
            row | {"AssignedSeats": max(0, row["AssignedSeats"] + rng.choice((-1, 1)))}
            for row in rows
        ]
    return rows


def _snapshots(
    rng: random.Random,
    partners: list[Partner],
    crowd: Crowd,
    horizon: date,
    share: float,
) -> list[Parcel]:
    """Deliver the five full snapshots, some with older and newer versions."""

    def as_it_is() -> dict[str, list[Record]]:
        return _tables(partners, crowd.customers)

    def otherwise() -> dict[str, list[Record]]:
        numbers = [each.number for each in partners]
        others = [new_partner(rng, number, flawless=0.2) for number in numbers]
        known = rng.sample(crowd.customers, len(crowd.customers) // 2)
        return _tables(others, [customer_row(rng, row["CustomerId"]) for row in known])

    parcels = []
    for feed in as_it_is():
        may_be_missing = feed in ("proofs", "bank_accounts")
        if not (may_be_missing and chance(rng, 0.06)):
            parcels += _versions(rng, feed, horizon, share, (as_it_is, otherwise))
    return parcels


def _tables(
    partners: list[Partner], customers: list[Record]
) -> dict[str, list[Record]]:
    return {
        "customers": customers,
        "partners": [each.row for each in partners if each.is_listed],
        "competencies": [row for each in partners for row in each.competencies],
        "proofs": [row for each in partners for row in each.proofs],
        "bank_accounts": [row for each in partners for row in each.accounts],
    }


def _versions(
    rng: random.Random,
    feed: str,
    horizon: date,
    share: float,
    tables: tuple[Invent, Invent],
) -> list[Parcel]:
    """Deliver the newest known snapshot, and versions that must not be read."""
    as_it_is, otherwise = tables
    newest = _known(rng, horizon)
    # A partner whose only row does not read is a case of its own: let it be common.
    share *= 3 if feed == "partners" else 1
    found = _snapshot(rng, feed, newest, as_it_is()[feed], share)
    for day in DELIVERY_DAYS:
        if chance(rng, 0.15) and (day < newest or day > horizon):
            for parcel in _snapshot(rng, feed, day, otherwise()[feed], 0.2):
                if chance(rng, 0.3):
                    parcel.patch = _halved
                found.append(parcel)
    return found


def _snapshot(
    rng: random.Random, feed: str, delivery: date, rows: list[Record], share: float
) -> list[Parcel]:
    """Deliver one snapshot in one or two files, with some keys twice."""
    repeated = [
        copy for row in rows if chance(rng, 0.1) for copy in [_repeated(rng, feed, row)]
    ]
    rows = spoil_some(rng, feed, [*rows, *repeated], share)
    stems = rng.sample(STEMS, rng.randint(1, 2))
    parts = _spread(rng, rows, len(stems))
    return [
        wrap(rng, feed, delivery, stem, part)
        for stem, part in zip(stems, parts, strict=True)
    ]


def _repeated(rng: random.Random, feed: str, row: Record) -> Record:
    """Return another row of the same key that says something else."""
    if feed == "customers":
        return customer_row(rng, row["CustomerId"])
    if feed == "partners":
        return good_partner_row(rng, row["MpnId"])
    if feed == "bank_accounts":
        return row | {"ChangedOn": rng.choice(days("05-30", "05-31")), "Iban": "x"}
    return dict(row)
