"""Made-up partners and customers: most of them good, the rest just off a boundary."""

import random
from dataclasses import dataclass, field

from .accounts import new_account
from .values import Guid, Record, chance, days, new_guid, pick

NAMES = (
    "Acme Ltd",
    "Brontë & Söhne; s.r.o.",
    'The "Old" Mill, Inc.',
    "Two\nLines GmbH",
    "=SUM(A1)",
    '5" Displays',
    "",
)
PARTNER_IDS = ("1000001", "0012345", "417", "P-9a", "P-9A", "777 8", "-10", "00")
COMPETENCIES = (
    "Cloud Business Applications",
    "cloud customer relationship management",
    "Cloud Platform",
    "CLOUD PRODUCTIVITY",
    "Data Analytics",
    "Data Platform",
    "Enterprise Mobility Management",
    "Enterprise Resource Planning",
    "isv",
    "Small and Midmarket Cloud Solutions",
    "Windows And Devices",
)
OTHER_COMPETENCIES = ("Application Development", "Data", "ISV Partner")

LONG_AGO = days("2016-05-01", "0001-01-01")
AROUND_FIRST = days("2018-12-31", "01-01", "01-02")
AROUND_SECOND = days("05-29", "05-30", "05-31")
AROUND_END = days("06-29", "06-30", "07-01")
AROUND_DUE = days("07-30", "07-31", "08-01")
AROUND_CUT_OFF = days("08-14", "08-15", "08-16")
TURNS = [*AROUND_FIRST, *AROUND_SECOND, *AROUND_END]
HOLDS = (
    "AccountVerifiedOn",
    "TermsAcceptedOn",
    "PaymentProfileCompletedOn",
    "TaxProfileCompletedOn",
)


@dataclass
class Partner:
    """One partner with its rows in the four feeds that speak of partners."""

    number: str
    row: Record
    competencies: list[Record] = field(default_factory=list)
    proofs: list[Record] = field(default_factory=list)
    accounts: list[Record] = field(default_factory=list)
    is_listed: bool = True


def new_partner(rng: random.Random, number: str, *, flawless: float) -> Partner:
    """Return a partner that has about one flaw, unless it is *flawless*."""
    partner = Partner(
        number,
        good_partner_row(rng, number),
        [_competency(rng, number, sound=True)],
        [_proof(rng, number, sound=True)],
        [new_account(rng, number, sound=True)],
    )
    if not chance(rng, flawless):
        for _ in range(pick(rng, {1: 3, 2: 2})):
            rng.choice(FLAWS)(rng, partner)
    elif chance(rng, 0.35):
        rng.choice((_hold, _banking, _banking))(rng, partner)
    return partner


def good_partner_row(rng: random.Random, number: str) -> Record:
    """Return a row of `partners` that no rule objects to."""
    row: Record = {
        "MpnId": number,
        "PartnerName": rng.choice(NAMES),
        "ContactEmail": "someone@example.com",
        "Country": rng.choice(("GB", "DE", "")),
        "MpnActiveFrom": rng.choice([*LONG_AGO, *days("01-01")]),
        "MpnActiveTo": rng.choice([None, None, *days("2020-12-31", "06-30")]),
        "ResellerAgreementSignedOn": rng.choice([*LONG_AGO, *days("01-01")]),
        "CspIncentiveEnrolledOn": rng.choice([*LONG_AGO, *AROUND_FIRST]),
        "NonCompliantFrom": None,
        "NonCompliantTo": None,
    }
    return row | {column: rng.choice([*LONG_AGO, *TURNS]) for column in HOLDS}


def _membership(rng: random.Random, partner: Partner) -> None:
    partner.row["MpnActiveFrom"] = rng.choice([None, *TURNS])
    partner.row["MpnActiveTo"] = rng.choice([None, *TURNS])


def _agreement(rng: random.Random, partner: Partner) -> None:
    partner.row["ResellerAgreementSignedOn"] = rng.choice([None, *TURNS])


def _enrolment(rng: random.Random, partner: Partner) -> None:
    partner.row["CspIncentiveEnrolledOn"] = rng.choice([None, None, *AROUND_END])


def _compliance(rng: random.Random, partner: Partner) -> None:
    partner.row["NonCompliantFrom"] = rng.choice([None, *LONG_AGO, *TURNS])
    partner.row["NonCompliantTo"] = rng.choice([None, *TURNS])


def _hold(rng: random.Random, partner: Partner) -> None:
    for column in rng.sample(HOLDS, pick(rng, {1: 2, 3: 1})):
        partner.row[column] = rng.choice([None, *AROUND_DUE, *AROUND_CUT_OFF])


def _competence(rng: random.Random, partner: Partner) -> None:
    number = pick(rng, {0: 1, 1: 3, 2: 2})
    partner.competencies = [
        _competency(rng, partner.number, sound=False) for _ in range(number)
    ]


def _proving(rng: random.Random, partner: Partner) -> None:
    number = pick(rng, {0: 2, 1: 3, 2: 2})
    partner.proofs = [_proof(rng, partner.number, sound=False) for _ in range(number)]


def _banking(rng: random.Random, partner: Partner) -> None:
    number = pick(rng, {0: 1, 1: 4, 2: 2})
    partner.accounts = [
        new_account(rng, partner.number, sound=False) for _ in range(number)
    ]


def _half_and_half(rng: random.Random, partner: Partner) -> None:
    """Let one thing hold on the first eligibility date alone, another on the second."""
    partner.row["MpnActiveTo"] = rng.choice(AROUND_SECOND)
    partner.row["ResellerAgreementSignedOn"] = rng.choice(AROUND_FIRST)
    if chance(rng, 0.5):
        partner.row["NonCompliantFrom"] = rng.choice(AROUND_FIRST)
        partner.row["NonCompliantTo"] = rng.choice(AROUND_SECOND)


def _unlisted(_: random.Random, partner: Partner) -> None:
    partner.is_listed = False


FLAWS = (
    _half_and_half,
    _half_and_half,
    _membership,
    _agreement,
    _enrolment,
    _compliance,
    _compliance,
    _hold,
    _competence,
    _proving,
    _banking,
    _unlisted,
)


def _competency(rng: random.Random, number: str, *, sound: bool) -> Record:
    row: Record = {
        "MpnId": number,
        "Competency": rng.choice(COMPETENCIES),
        "Level": rng.choice(("Gold", "silver", "SILVER")),
        "Status": rng.choice(("Active", "at RISK")),
        "ActiveFrom": rng.choice([*LONG_AGO, *days("01-01", "2018-12-31")]),
        "ActiveTo": rng.choice([None, *days("06-30", "2020-01-01")]),
    }
    if not sound:
        row["Competency"] = rng.choice((*COMPETENCIES, *OTHER_COMPETENCIES))
        row["Status"] = rng.choice(("Active", "Started", "Qualified", "At risk"))
        row["ActiveFrom"] = rng.choice([None, *LONG_AGO, *TURNS])
        row["ActiveTo"] = rng.choice([None, *TURNS])
    return row


def _proof(rng: random.Random, number: str, *, sound: bool) -> Record:
    in_time = [*AROUND_END, *days("07-30", "07-31")]
    return {
        "MpnId": number,
        "DocumentRef": f"POP-{rng.randrange(999)}",
        "DocumentSha256": f"{rng.getrandbits(256):064x}",
        "SubmittedOn": rng.choice(
            in_time if sound else [None, *AROUND_DUE, *AROUND_CUT_OFF]
        ),
        "Status": rng.choice(
            ("Accepted", "accepted")
            if sound
            else ("Accepted", "Rejected", "Pending", "PENDING")
        ),
    }


def customer_row(rng: random.Random, customer: Guid) -> Record:
    """Return a row of `customers`, mostly of the campaign's segment."""
    return {
        "CustomerId": customer,
        "TopParentId": rng.choice([None, new_guid(rng)]),
        "CustomerName": rng.choice(NAMES),
        "Segment": pick(rng, {"SMB": 30, "smb": 8, "Enterprise": 1, "SMB+": 1, "": 1}),
        "Country": rng.choice(("GB", "US")),
    }
