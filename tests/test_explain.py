"""Why a customer was paid for or not, as a command says it of the sample."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.explain.screen import Screen
from pipelines.explain.seat_chart import LETTERS
from pipelines.explain.text import customer_text
from pipelines.feeds import header_key
from tests.commands import cashback, refusal
from tests.reference.sound import (
    ASSIGNED,
    BILLED,
    CUSTOMER,
    OTHER,
    PARTNER,
    SUBSCRIPTION,
    TEAM,
    Extracts,
)
from tests.result_tables import read_rows
from tests.scenes import ANY_SHARE, NEXT, other_terms, tree

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scenes import Scene

STRANGER = "cccccccc-0000-0000-0000-000000000009"
PARENT = "dddddddd-0000-0000-0000-000000000009"
SISTERS = [{"CustomerId": one, "Segment": "SMB"} for one in (CUSTOMER, STRANGER)]
SECOND = BILLED | {"CustomerId": STRANGER}


def explained(home: Path, *arguments: str) -> dict[str, Any]:
    """Return what the command prints as JSON."""
    result = cashback("explain", "--home", home, "--json", *arguments)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def absence(scene: Scene, *rows: dict[str, str], feed: str = "billing") -> Any:
    """Return why the customer of *rows*, delivered beside the sound ones, is absent."""
    scene.rows(feed, *rows)
    scene.run()
    found = explained(scene.home, "--customer", STRANGER)
    assert found["decision"] == "not_a_candidate"
    assert found["rules"] == []
    assert not found["nearest"]["is_possible"]
    return found["absence"]


@pytest.fixture(scope="module")
def decisions(sample_run):
    """Every decision of the sample."""
    return read_rows(sample_run.path / "customer_decisions.parquet")


def one(decisions, **wanted):
    """Return the first decision with such values."""
    return next(
        row
        for row in decisions
        if all(row[name] == value for name, value in wanted.items())
    )


def test_a_customer_one_seat_short_is_told_the_seat(sample_home, decisions):
    """Each rule with its clause, the rows behind it, and one seat as the way."""
    short = one(decisions, failed_rules=["billed_seats"], billed_seats=14)
    customer = f" ORG:{short['customer_id'].upper()}"

    found = explained(sample_home, "--customer", customer)

    assert found["customer_id"] == short["customer_id"]
    assert found["partner_id"] == short["partner_id"]
    assert found["decision"] == "not_qualified"
    keys = {"rule_id", "clause", "verdict", "observed", "required", "evidence"}
    assert [set(rule) for rule in found["rules"]] == [keys] * 14
    (failed,) = [rule for rule in found["rules"] if rule["verdict"] == "fail"]
    assert (failed["rule_id"], failed["clause"]) == ("billed_seats", "O5 T3")
    assert found["nearest"]["summary"] == (
        "1 more billed seat by 2019-06-30: 2,000.00 USD"
    )
    assert found["nearest"]["is_proved"]
    billed = [row for row in found["rows"] if row["feed"] == "billing"]
    assert failed["evidence"] in {
        f"billing/{row['delivery']}/{row['file']}:{row['row']}" for row in billed
    }
    quantities = {
        cell.strip()
        for row in billed
        for header, cell in row["record"].items()
        if header_key(header) == "quantity"
    }
    assert quantities == {"14"}


def test_a_customer_that_qualifies_needs_no_way(sample_home, decisions):
    """What is left is the payment, and what holds it, each with its cure."""
    payouts = {}
    for row in decisions:
        if row["decision"] == "qualified" and row["partner_id"] not in payouts:
            found = explained(sample_home, "--customer", row["customer_id"])
            assert found["nearest"] is None
            payouts[row["partner_id"]] = found["payout"]
            if {payout["status"] for payout in payouts.values()} == {"held", "payable"}:
                break

    for payout in payouts.values():
        assert set(payout["cures"]) == set(payout["hold_reasons"])
        assert (payout["status"] == "held") == bool(payout["cures"])
    assert len(payouts) > 1


def test_history_is_no_way(sample_home, decisions):
    """Who bought before the campaign stays no new customer, and is told so plainly."""
    old = one(decisions, failed_rules=["new_to_dynamics", "onboarded_in_window"])

    nearest = explained(sample_home, "--customer", old["customer_id"])["nearest"]

    assert not nearest["is_possible"]
    assert nearest["steps"] == []
    assert nearest["amount"] == "0.00"
    rules = [obstacle["rule_id"] for obstacle in nearest["obstacles"]]
    assert rules == old["failed_rules"]
    assert "what was bought stays bought" in nearest["summary"]


def test_a_customer_of_two_partners_has_two_answers(sample_home, decisions):
    """One document: the pair that is nearest to be paid, and the others in it."""
    ids = [row["customer_id"] for row in decisions]
    twice = next(each for each in ids if ids.count(each) == 2)

    found = explained(sample_home, "--customer", twice)
    (other,) = found["others"]
    alone = explained(
        sample_home, "--customer", twice, "--partner", other["partner_id"]
    )

    assert found["partner_id"] != other["partner_id"]
    assert alone["partner_id"] == other["partner_id"]
    assert alone["others"] == []
    assert [rule["verdict"] for rule in alone["rules"]] == [
        rule["verdict"] for rule in other["rules"]
    ]


def test_a_partner_alone_shows_its_customers(sample_home, decisions):
    """Those that may still be paid first, each with the first rule that it misses."""
    short = one(decisions, failed_rules=["billed_seats", "assigned_seats"])
    mine = [row for row in decisions if row["partner_id"] == short["partner_id"]]

    found = explained(sample_home, "--partner", short["partner_id"])
    text = cashback(
        "explain", "--home", sample_home, "--partner", short["partner_id"]
    ).stdout

    shown = {row["customer_id"]: row for row in found["customers"]}
    assert set(shown) == {row["customer_id"] for row in mine}
    assert shown[short["customer_id"]]["rule_id"] == "billed_seats"
    assert all(row["customer_id"] in text for row in mine)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_answer_fits_the_terminal(sample_home, decisions, width):
    """With the seats drawn, the threshold, the measured date; and no escape codes."""
    short = one(decisions, failed_rules=["billed_seats"], billed_seats=14)
    found = explained(sample_home, "--customer", short["customer_id"])

    text = customer_text(found, Screen(width, signs=LETTERS))
    lines = text.splitlines()

    too_long = [line for line in lines if len(line) > width and " " in line.strip()]
    assert too_long == []
    assert text.isascii()
    drawn = [line for line in lines if re.fullmatch(r" +\d+ [ #-]+", line)]
    assert any(line.lstrip().startswith("15 -") for line in drawn)
    assert not any("#" in line for line in drawn if line.lstrip().startswith("15 "))
    assert any("#" in line for line in drawn if line.lstrip().startswith("14 "))
    (axis,) = [line for line in lines if re.fullmatch(r" +0 [_|^]+", line)]
    days = lines[lines.index(axis) + 1]
    assert abs(axis.index("^") - (days.index("2019-06-30") + 5)) <= 5


def test_colours_are_for_terminals(sample_home, decisions):
    """What is piped into a file is plain text; a terminal is told red from green."""
    short = one(decisions, failed_rules=["billed_seats"], billed_seats=14)
    customer = ("--customer", short["customer_id"])

    piped = cashback("explain", "--home", sample_home, *customer).stdout
    found = explained(sample_home, *customer)

    assert "\x1b" not in piped
    assert "\x1b[31mnot qualified" in customer_text(found, Screen(80, has_colour=True))


def test_an_explanation_leaves_the_home_as_it_is(scene):
    """An auditor may have it to read only; nothing is published, or kept."""
    scene.run()
    before = tree(scene.home)

    explained(scene.home, "--customer", CUSTOMER)
    explained(scene.home, "--partner", PARTNER)

    assert tree(scene.home) == before
    assert not (scene.home / "ledger.sqlite3").exists()


def test_a_name_does_nothing_to_a_terminal(scene):
    """Cells are written by anybody; a terminal would clear itself, or worse."""
    name = 'Contoso"" \x1b[2J\x1b]0;paid\x07\nLtd'
    scene.rows("billing", BILLED | {"CustomerName": name, "OfferName": name})
    scene.run()

    printed = cashback("explain", "--home", scene.home, "--customer", CUSTOMER).stdout
    found = explained(scene.home, "--customer", CUSTOMER)

    assert found["customer_name"] == name
    assert "Contoso" in printed
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", printed)


def test_a_name_is_no_id(sample_home, decisions):
    """Two customers may have one name, so nobody is looked up by it."""
    known = decisions[0]["customer_id"]
    name = explained(sample_home, "--customer", known)["customer_name"]

    said = refusal(
        cashback("explain", "--home", sample_home, "--customer", name), exit_code=2
    )
    nobody = refusal(
        cashback("explain", "--home", sample_home, "--customer", "Nobody"), exit_code=2
    )

    assert known in said
    assert "has that name" not in nobody


def test_one_of_the_two_ids_has_to_be_given(sample_home):
    """Without any there is no question."""
    said = refusal(cashback("explain", "--home", sample_home), exit_code=2)

    assert "Give --customer, --partner, or both" in said


def test_an_id_that_nothing_names_is_told(scene):
    """It may be mistyped; the answer says that no file has it."""
    assert absence(scene, BILLED)["reason"] == "unknown_customer"


def test_other_products_are_told_by_name(scene):
    """Team members are no seats."""
    row = SECOND | {"DurableOfferId": TEAM, "OfferName": "Dynamics 365 Team Members"}

    found = absence(scene, row)

    assert found["reason"] == "other_products_only"
    assert "Dynamics 365 Team Members" in found["text"]
    assert len(found["evidence"]) == 1


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        ("2018-01-01", "2018-12-31", "seats_before_the_campaign"),
        ("2019-07-01", "2019-12-31", "seats_after_the_measured_date"),
    ],
)
def test_seats_outside_the_days_are_told(scene, start, end, reason):
    """The day before the first one, the day after the measured one."""
    found = absence(scene, SECOND | {"ChargeStartDate": start, "ChargeEndDate": end})

    assert found["reason"] == reason
    assert (start if start > "2019" else end) in found["text"]


def test_seats_before_and_after_are_told(scene):
    """Nothing in between."""
    early = {"ChargeStartDate": "2018-01-01", "ChargeEndDate": "2018-12-31"}
    late = {"ChargeStartDate": "2019-07-01", "ChargeEndDate": "2019-12-31"}

    found = absence(scene, SECOND | early, SECOND | late)

    assert found["reason"] == "no_seats_in_the_campaign"


def test_seats_that_were_credited_are_told(scene):
    """A purchase and its credit leave nothing on any day."""
    found = absence(scene, SECOND, SECOND | {"Amount": "-795.00"})

    assert found["reason"] == "no_seats_in_all"
    assert len(found["evidence"]) == 2


def test_rows_in_quarantine_are_told(scene):
    """They may be what it lacks."""
    scene.rows("billing", SECOND | {"Quantity": "many"})
    scene.run(max_quarantine_share=ANY_SHARE)

    found = explained(scene.home, "--customer", STRANGER)

    assert found["absence"]["reason"] == "rows_in_quarantine"
    assert found["rows"][0]["record"]["Quantity"] == "many"


def test_a_customer_that_was_never_billed_is_told(scene):
    """Licences without an invoice."""
    row = ASSIGNED | {"CustomerTenantId": STRANGER, "SnapshotDate": "2019-05-31"}

    assert absence(scene, row, feed="license_usage")["reason"] == "never_billed"


def test_a_customer_that_was_restated_away_is_told(scene):
    """The first version of the invoice named it; the one in force does not."""
    scene.rows("billing", SECOND)
    scene.rows("billing", BILLED | {"Quantity": "1"}, on="2019-08-09")
    scene.run()

    found = explained(scene.home, "--customer", STRANGER)["absence"]

    assert found["reason"] == "restated_away"
    assert found["evidence"] == ["billing/2019-08-05/two.csv:1"]


def test_a_customer_of_a_later_delivery_is_told(scene):
    """What a run did not know, the next one does."""
    scene.rows("billing", SECOND, on="2019-08-20")
    scene.run(known_at=date(2019, 8, 20))
    early = scene.run()

    found = explained(
        scene.home, "--customer", STRANGER, "--run", early.manifest["run_id"]
    )

    assert found["absence"]["reason"] == "delivered_later"


def test_another_partners_customer_is_told(scene):
    """Never billed by it, or billed by it and then moved to another."""
    own = ("--customer", CUSTOMER, "--partner", OTHER)
    scene.run()
    never = explained(scene.home, *own)["absence"]
    scene.rows(
        "billing",
        BILLED | {"ResellerMpnId": OTHER, "ChargeStartDate": "2019-01-15"},
    )
    scene.run()
    moved = explained(scene.home, *own)["absence"]

    assert never["reason"] == "not_billed_by_partner"
    assert f"partner {PARTNER}" in never["text"]
    assert moved["reason"] == "belongs_to_another_partner"
    assert moved["evidence"] == ["billing/2019-08-05/two.csv:1"]


@pytest.fixture
def by_parent(scene, tmp_path):
    """A run that knows two tenants, each short of seats, by their top parent."""
    scene.rows("customers", *(row | {"TopParentId": PARENT} for row in SISTERS))
    less = {"Quantity": "8", "Amount": "424.00"}
    own = {"CustomerId": STRANGER, "SyndicationPartnerSubscriptionNumber": STRANGER}
    shorter = [BILLED | less, BILLED | less | own]
    Extracts(scene.root).write("billing", shorter, delivery=NEXT, name="one.csv")
    parents = other_terms(tmp_path, {"customer.identity": "top_parent"})
    scene.run(campaign=parents)
    return scene.home


def test_a_tenant_points_to_its_top_parent(by_parent):
    """Where customers are read so, it is decided under that name."""
    found = explained(by_parent, "--customer", CUSTOMER)

    assert found["decision"] == "not_a_candidate"
    assert found["absence"]["reason"] == "known_by_its_parent"
    assert f"--customer {PARENT}" in found["absence"]["text"]
    assert found["absence"]["evidence"] == [f"customers/{NEXT}/two.csv:1"]


def test_a_top_parent_is_decided_by_all_its_tenants(by_parent):
    """The seats of both, the rows of both, and a way that is proved with both."""
    found = explained(by_parent, "--customer", PARENT)

    assert found["tenants"] == sorted([CUSTOMER, STRANGER])
    assert (found["billed_seats"], found["assigned_seats"]) == (16, 15)
    assert found["decision"] == "qualified"
    assert found["nearest"] is None
    billed = [row for row in found["rows"] if row["feed"] == "billing"]
    assert {row["record"]["CustomerId"] for row in billed} == {CUSTOMER, STRANGER}


def test_what_was_decided_by_other_rules_is_not_proved(scene, monkeypatch):
    """The published verdicts stand; a proof by another version would prove nothing."""
    scene.rows("billing", SECOND | {"Quantity": "3"})
    scene.run()
    monkeypatch.setattr(
        "pipelines.explain.narrowed.Narrowed.results", lambda *_: [{"rule_id": "new"}]
    )

    found = explained(scene.home, "--customer", STRANGER)

    assert not found["nearest"]["is_proved"]
    assert "another version of the rules" in found["nearest"]["summary"]
    assert len(found["rules"]) == 14


def test_a_changed_landed_file_is_not_shown(scene):
    """Rows that are not as received are no evidence."""
    run = scene.run()
    landed = next(scene.home.glob("landing/billing/*/*.csv"))
    landed.write_bytes(landed.read_bytes().replace(b"795", b"796"))

    said = refusal(
        cashback("explain", "--home", scene.home, "--customer", CUSTOMER), exit_code=1
    )

    assert run.path.exists()
    assert landed.name in said
    assert SUBSCRIPTION not in said
