"""Faults of single rows: one reason of quarantine each, sometimes two (section 4)."""

import random
from collections.abc import Callable
from datetime import date, timedelta

from .values import RAGGED, Raw, Record, chance, new_guid

DATES = {
    "billing": (
        "ChargeStartDate",
        "ChargeEndDate",
        "SubscriptionStartDate",
        "SubscriptionEndDate",
    ),
    "license_usage": ("SnapshotDate",),
    "partners": ("MpnActiveTo", "TaxProfileCompletedOn", "NonCompliantTo"),
    "competencies": ("ActiveFrom", "ActiveTo"),
    "proofs": ("SubmittedOn",),
    "bank_accounts": ("ChangedOn",),
}
GUIDS = {
    "billing": ("CustomerId", "SyndicationPartnerSubscriptionNumber", "DurableOfferId"),
    "license_usage": ("CustomerTenantId", "SubscriptionId"),
    "customers": ("CustomerId", "TopParentId"),
}
NEVER_BLANK = {
    "billing": (*GUIDS["billing"], "ChargeStartDate", "Quantity", "Amount"),
    "license_usage": (
        *GUIDS["license_usage"],
        "SnapshotDate",
        "AssignedSeats",
        "IsDuplicateRowForPGA",
    ),
    "customers": ("CustomerId",),
    "partners": ("MpnId",),
    "competencies": ("MpnId", "Competency", "Level", "Status"),
    "proofs": ("MpnId", "Status"),
    "bank_accounts": ("MpnId",),
}
WHOLES = {
    "billing": ("Quantity",),
    "license_usage": ("AvailableSeats", "AssignedSeats"),
}
MONEY = {"billing": ("Amount", "Tax", "TotalForCustomer", "Subtotal")}
ENUMS = {
    "license_usage": {"IsDuplicateRowForPGA": ("2", "true", "1.0", "-1")},
    "competencies": {"Level": ("Bronze", "Gold+"), "Status": ("Expired", "AtRisk")},
    "proofs": {"Status": ("Approved", "Accepted?")},
}

# None of these reads in any style of date.
BAD_DATES = (
    "13/45/2019",
    "2019-02-30",
    "31.04.2019",
    "0000-01-01",
    "2019-01-01T25:00",
    "2019-01-01T12:60",
    "2019-1-5",
    "20190101",
    "1/5/19",
    "1/5/2019 9:5",
    "6/30/2019 24:00",
    "2019-06-30  00:00",
    "2019-06-30Z",
    "June 30, 2019",
    "1-5-2019",
    "\u0660\u0661/\u0660\u0661/2019",
    "n/a",
)
BAD_GUIDS = (
    "no guid",
    "{1a90ee13-2cb4-4785-bb0f-542813f00a37}",
    "1a90ee132cb44785bb0f542813f00a37",
    "1a90ee13-2cb4-4785-bb0f-542813f00a3",
    "org:org:1a90ee13-2cb4-4785-bb0f-542813f00a37",
    "1a90ee13-2cb4-4785-bb0f-542813f00a3g",
)
BAD_NUMBERS = (
    "1,234.50",
    "1.234,50",
    "1 000",
    "5,50",
    "5,0",
    "1_000",
    "0x10",
    "1e3",
    "+5",
    ".5",
    "5.",
    "--5",
    "$4.00",
    "\u0665",
    "NaN",
    "12345678901234567",
)
BAD_WHOLES = (*BAD_NUMBERS, "12.6", "0.5", "-5.5", "2147483648", "99999999999")
NEGATIVES = ("-1", "-5.0", "-15")


def _bad_guid(rng: random.Random, feed: str, row: Record) -> None:
    row[rng.choice(GUIDS[feed])] = Raw(rng.choice(BAD_GUIDS))


def _missing_value(rng: random.Random, feed: str, row: Record) -> None:
    row[rng.choice(NEVER_BLANK[feed])] = rng.choice((None, Raw("  ")))


def _bad_date(rng: random.Random, feed: str, row: Record) -> None:
    row[rng.choice(DATES[feed])] = Raw(rng.choice(BAD_DATES))


def _bad_number(rng: random.Random, feed: str, row: Record) -> None:
    if feed in MONEY and chance(rng, 0.5):
        row[rng.choice(MONEY[feed])] = Raw(rng.choice(BAD_NUMBERS))
    else:
        row[rng.choice(WHOLES[feed])] = Raw(rng.choice(BAD_WHOLES))


def _negative(rng: random.Random, feed: str, row: Record) -> None:
    row[rng.choice(WHOLES[feed])] = Raw(rng.choice(NEGATIVES))


def _reversed(rng: random.Random, _: str, row: Record) -> None:
    start = row["ChargeStartDate"]
    if isinstance(start, date):
        row["ChargeEndDate"] = start - timedelta(days=rng.choice((1, 30)))


def _unknown_offer(rng: random.Random, _: str, row: Record) -> None:
    row["DurableOfferId"] = new_guid(rng)
    row["OfferName"] = rng.choice(
        ("Dynamics 365 for Something", "microsoft DYNAMICS 365", "x dynamics 365y")
    )


def _bad_enum(rng: random.Random, feed: str, row: Record) -> None:
    column = rng.choice(sorted(ENUMS[feed]))
    row[column] = Raw(rng.choice(ENUMS[feed][column]))


def _ragged(rng: random.Random, _: str, row: Record) -> None:
    row[RAGGED] = rng.choice((-1, -2, 1, 3))


MISHAPS: dict[str, tuple[Callable[[random.Random, str, Record], None], ...]] = {
    "billing": (
        _bad_guid,
        _missing_value,
        _bad_date,
        _bad_number,
        _negative,
        _reversed,
        _unknown_offer,
        _ragged,
    ),
    "license_usage": (
        _bad_guid,
        _missing_value,
        _bad_date,
        _bad_number,
        _negative,
        _bad_enum,
        _ragged,
    ),
    "customers": (_bad_guid, _missing_value, _ragged),
    "partners": (_bad_date, _bad_date, _missing_value, _ragged),
    "competencies": (_missing_value, _bad_date, _bad_enum, _ragged),
    "proofs": (_missing_value, _bad_date, _bad_enum, _ragged),
    "bank_accounts": (_missing_value, _bad_date, _ragged),
}


def spoiled(rng: random.Random, feed: str, row: Record) -> Record:
    """Return a copy of *row* with one fault of its feed, sometimes with two."""
    copy = dict(row)
    for mishap in rng.choices(MISHAPS[feed], k=2 if chance(rng, 0.2) else 1):
        mishap(rng, feed, copy)
    return copy


def spoil_some(
    rng: random.Random, feed: str, rows: list[Record], share: float
) -> list[Record]:
    """Return *rows* with a share of them spoiled, or followed by a spoiled copy."""
    found: list[Record] = []
    for row in rows:
        if not chance(rng, share):
            found.append(row)
        elif chance(rng, 0.5):
            found.append(spoiled(rng, feed, row))
        else:
            found += [row, spoiled(rng, feed, row)]
    return found
