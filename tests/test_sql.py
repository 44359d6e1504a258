"""Every SQL file, run as it stands on tiny tables: ``tests/sql/<file>.yaml``.

A case is a sentence that must stay true. ``given`` names tables with a few rows: a
column left out is null, a table left out is empty, the terms are those of the 2019
campaign but for the ``terms`` that a case names, and ``dates`` are those of a final
run unless given. ``expect`` lists the
rows that come out, in the columns that it names; a function has ``calls`` instead.
"""

from __future__ import annotations

import datetime as dt

import pytest

from pipelines import engine
from pipelines.models import FACTS, MODELS
from tests.sql_cases import (
    CASES_DIR,
    SQL_FILES,
    differences,
    fill,
    grain_of,
    is_ordered,
    load_cases,
    run_case,
    set_up,
)

KEYS = {"name", "dates", "terms", "given", "calls", "expect"}
CASES = [
    pytest.param(path.stem, case, id=f"{path.stem}: {case['name']}")
    for path in sorted(CASES_DIR.glob("*.yaml"))
    for case in load_cases(path)
]
SCENARIOS = load_cases(CASES_DIR.parent / "cases" / "billing_scenarios.yaml")
SALES = "f28514f0-6516-4ef9-8222-1c605a05d245"


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """Return a database with every table that a model reads."""
    with engine.opened(tmp_path_factory.mktemp("spill"), threads=1) as con:
        set_up(con)
        yield con


@pytest.fixture
def con(database):
    """Return the same; whatever a test does there is undone."""
    database.begin()
    yield database
    database.rollback()


@pytest.mark.parametrize(("name", "case"), CASES)
def test_sql(con, name, case):
    """The file gives the rows that the case says, at the grain that it declares."""
    assert set(case) <= KEYS, "a key of the case is misspelt"
    sql = SQL_FILES[name].read_text(encoding="utf-8")

    actual = run_case(con, name, case)

    lines = differences(
        case["calls"] if "calls" in case else case["expect"],
        actual,
        in_order=is_ordered(sql),
    )
    if lines:
        pytest.fail("\n".join(lines), pytrace=False)
    keys = [tuple(row[column] for column in grain_of(sql)) for row in actual]
    assert not grain_of(sql) or len(set(keys)) == len(keys), "not the declared grain"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda case: case["name"])
def test_seats_follow_the_published_billing_scenarios(con, scenario):
    """Rows as a reconciliation file shows them become seats day by day."""
    names = ("charge_start_date", "charge_end_date", "charge_type", "unit_price")
    names = (*names, "quantity", "amount")
    whose = {
        "customer_id": "c1",
        "syndication_partner_subscription_number": "s1",
        "durable_offer_id": SALES,
        "delivered_on": "2018-04-01",
        "source_file": "invoice.csv",
    }
    fill(
        con,
        "billing",
        [
            whose | {"source_row": number} | dict(zip(names, row, strict=True))
            for number, row in enumerate(scenario["rows"], start=1)
        ],
    )

    upto = MODELS.index("marts/seat_timeline") + 1
    for model in (*FACTS, *MODELS[:upto]):
        engine.build(con, model)

    assert scenario["seats"]
    for day, seats in scenario["seats"].items():
        ((found,),) = con.execute(
            "select coalesce(sum(seats), 0) from seat_timeline "
            "where ? between from_date and to_date",
            [dt.date.fromisoformat(day)],
        ).fetchall()
        assert found == int(seats), day
