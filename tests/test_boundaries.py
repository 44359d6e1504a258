"""Every number and date of the terms, one below, at, and one above, by whole runs.

The cases are sentences in ``tests/cases/boundaries_*.yaml``. Each has a customer and a
partner of its own in one source, so that all cases of one date are decided by one run.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.errors import DataError
from pipelines.paths import CAMPAIGNS_DIR, REFERENCE_DIR
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import run
from tests.boundary_world import Setting, World, load_boundaries
from tests.reference.sound import (
    ASSIGNED,
    BILLED,
    COMPETENT,
    LISTED,
    PROVEN,
    REACHABLE,
    Extracts,
)

HERE = Path(__file__).parent
TERMS_OF_2019 = CAMPAIGNS_DIR / "d365-smb-2019.yaml"
SUMMER = Setting(
    campaign=str(TERMS_OF_2019),
    as_of="2019-06-30",
    known_at="2019-08-15",
    delivery="2019-07-15",
    snapshot_days=(
        *("2019-01-01", "2019-05-29", "2019-05-30", "2019-05-31"),
        *("2019-06-29", "2019-06-30"),
    ),
    sound={
        "billing": BILLED,
        "license_usage": ASSIGNED,
        "customers": {"Segment": "SMB"},
        "partners": LISTED,
        "competencies": COMPETENT,
        "proofs": PROVEN,
        "bank_accounts": REACHABLE,
    },
)
NORTHWIND = Setting(
    campaign=str(HERE / "data" / "campaigns" / "northwind-spring-2026.yaml"),
    as_of="2026-05-31",
    known_at="2026-06-30",
    delivery="2026-06-15",
    snapshot_days=("2026-03-31", "2026-05-31"),
    sound={
        "billing": BILLED
        | {
            "DurableOfferId": "aaaaaaaa-0000-4000-8000-000000000001",
            "ChargeStartDate": "2026-03-15",
            "ChargeEndDate": "2027-03-14",
            "Quantity": "25",
        },
        "license_usage": ASSIGNED | {"AssignedSeats": "25"},
        "customers": {"Segment": "Corporate"},
        "partners": LISTED,
        "competencies": COMPETENT | {"Competency": "Analytics"},
        "proofs": PROVEN | {"SubmittedOn": "2026-05-31"},
        "bank_accounts": REACHABLE,
    },
)
SUMMER_CASES = load_boundaries(HERE / "cases" / "boundaries_2019.yaml", SUMMER)
NORTHWIND_CASES = load_boundaries(
    HERE / "cases" / "boundaries_northwind.yaml", NORTHWIND
)
OTHER_TERMS = {
    "admitted around the second date": [
        (f"{name}, admitted_from: null", f"{name}, admitted_from: {day}")
        for name, day in (
            ("Cloud Platform", "2019-05-29"),
            ("Cloud Productivity", "2019-05-30"),
            ("Data Analytics", "2019-05-31"),
        )
    ],
}


@pytest.fixture(scope="module")
def summer(tmp_path_factory):
    """Return the source and the runs of the 2019 campaign."""
    return World(tmp_path_factory.mktemp("summer"), SUMMER, SUMMER_CASES)


@pytest.fixture(scope="module")
def northwind(tmp_path_factory):
    """Return the source and the runs of the invented campaign."""
    return World(tmp_path_factory.mktemp("northwind"), NORTHWIND, NORTHWIND_CASES)


def with_terms(folder, *edits):
    """Return a campaign file: that of 2019 with some texts replaced."""
    text = TERMS_OF_2019.read_text(encoding="utf-8")
    catalog = ("../reference/sku_catalog.csv", f"{REFERENCE_DIR}/sku_catalog.csv")
    for old, new in (catalog, *edits):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / "terms.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def check(world, case, campaign=None):
    """Compare what a run decided about a case's customer with what the case says."""
    found = world.run(case.as_of, case.known_at, campaign)
    partner, customer = world.pair(case)
    if case.is_nobodys:
        assert (partner, customer) not in found.decisions
        return
    verdicts, paid = found.verdicts[partner, customer], found.payouts[partner]
    assert verdicts == dict.fromkeys(verdicts, "pass") | case.verdicts
    assert found.decisions[partner, customer]["decision"] == case.decision
    assert paid["hold_reasons"] == case.hold_reasons
    status = "held" if case.hold_reasons else "payable"
    assert paid["status"] == (status if case.decision == "qualified" else "nil")


@pytest.mark.parametrize("case", SUMMER_CASES, ids=lambda case: case.name)
def test_terms_of_2019(summer, case, tmp_path_factory):
    """One customer at one boundary gets the verdict that the terms give."""
    other = None
    if case.terms:
        folder = tmp_path_factory.getbasetemp() / case.terms.replace(" ", "-")
        folder.mkdir(exist_ok=True)
        other = with_terms(folder, *OTHER_TERMS[case.terms])
    check(summer, case, other)


@pytest.mark.parametrize("case", NORTHWIND_CASES, ids=lambda case: case.name)
def test_terms_of_another_campaign(northwind, case):
    """Other days, numbers, products and currency are data alone."""
    check(northwind, case)


def test_another_campaign_pays_its_own_reward_by_its_own_day(northwind):
    """34 days after 31 May is Saturday, 4 July: wires still run on Friday."""
    case = NORTHWIND_CASES[1]

    paid = northwind.run(case.as_of, case.known_at).payouts[northwind.pair(case)[0]]

    assert paid["campaign_id"] == "northwind-spring-2026"
    assert paid["payable_amount"] == Decimal("1250.50")
    assert (paid["currency"], paid["pay_by"]) == ("EUR", dt.date(2026, 7, 3))


@pytest.mark.parametrize(
    ("minimum", "days", "expected"),
    [
        # 2019-09-27 is a Friday, and wires do not run at weekends.
        ("1999.99", 89, ("payable", dt.date(2019, 9, 27))),
        ("2000.00", 90, ("payable", dt.date(2019, 9, 27))),
        ("2000.01", 91, ("forfeited", dt.date(2019, 9, 27))),
        ("2000.01", 92, ("forfeited", dt.date(2019, 9, 30))),
    ],
)
def test_one_reward_is_paid_from_the_minimum_on_by_the_last_banking_day(
    summer, tmp_path, minimum, days, expected
):
    """F6: below the minimum all is lost. F5: within 90 days, when wires run."""
    amount = "minimum_payout:\n  amount: {value: "
    terms = with_terms(
        tmp_path,
        (f'{amount}"2000.00"', f'{amount}"{minimum}"'),
        ("within_days: {value: 90", f"within_days: {{value: {days}"),
    )
    case = SUMMER_CASES[1]

    paid = summer.run(case.as_of, case.known_at, terms).payouts[summer.pair(case)[0]]

    assert (paid["status"], paid["pay_by"]) == expected
    assert paid["earned_amount"] == Decimal("2000.00")
    assert paid["payable_amount"] == Decimal(0 if "forfeited" in expected else 2000)


@pytest.mark.parametrize(("rows", "is_refused"), [(19, True), (20, False), (21, False)])
def test_one_row_in_twenty_may_be_faulty_and_no_more(tmp_path, rows, is_refused):
    """A share of 0.05 of a feed's rows is allowed, anything above it is not."""
    extracts = Extracts(tmp_path)
    sound = [f"cccccccc-0000-0000-0000-{number:012}" for number in range(rows - 2)]
    extracts["customers"].extend({"CustomerId": key} for key in ["faulty", *sound])
    for feed, written in extracts.feeds.items():
        extracts.write(feed, written)
    request = RunRequest(
        str(tmp_path / "source"), tmp_path / "home", as_of=dt.date(2019, 6, 30)
    )

    if is_refused:
        with pytest.raises(DataError, match=f"1 of {rows} rows of customers"):
            run(request, Progress())
        assert not list((tmp_path / "home" / "runs").glob("*"))
    else:
        counts = run(request, Progress()).manifest["rows"]["customers"]
        assert counts == {"read": rows, "validated": rows - 1, "quarantined": 1}
