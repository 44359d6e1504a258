"""The run over the shipped sample: as declared, with every trap that it promises."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from pipelines.campaign_checks import HOLD_REASONS, RULE_IDS
from pipelines.paths import REFERENCE_DIR, SAMPLE_DIR
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import run
from pipelines.second_reading import Terms, decide
from tests.reading_runs import as_reference
from tests.result_tables import differences, read_csv, read_rows, table_of

if TYPE_CHECKING:
    from pathlib import Path

# By section 4 of the contract.
REASONS = {
    "ragged_row",
    "bad_guid",
    "missing_value",
    "bad_date",
    "bad_number",
    "negative_quantity",
    "period_reversed",
    "unknown_dynamics_offer",
    "bad_enum",
}
BEFORE_THE_END, AFTER_THE_END, CUT_OFF = (
    date(2019, 4, 8),
    date(2019, 7, 8),
    date(2019, 8, 15),
)


def decision_of(story: str, run_folder: Path) -> str:
    """Return what was decided of the customer that the page gives for a story."""
    page = (SAMPLE_DIR / "README.md").read_text(encoding="utf-8")
    customer = re.search(rf"\| `([0-9a-f-]+)` \| {story} \|", page)[1]
    decisions = read_rows(run_folder / "customer_decisions.parquet")
    (decision,) = (d["decision"] for d in decisions if d["customer_id"] == customer)
    return decision


@pytest.mark.parametrize("name", ["customer_decisions", "partner_payouts"])
def test_the_run_decides_what_the_stories_declare(name, sample_run):
    """Every decision and payout is the one that was declared, not computed."""
    expected = read_csv(SAMPLE_DIR / "expected" / f"{name}.csv")

    assert differences(name, expected, table_of(sample_run.path, name)) == []


@pytest.mark.parametrize("known_at", [None, CUT_OFF, AFTER_THE_END, BEFORE_THE_END])
def test_the_independent_reading_agrees(known_at, sample_run, sample_home):
    """Another reading of the contract comes to the same, whatever is known."""
    request = RunRequest(str(SAMPLE_DIR), sample_home, known_at=known_at)
    published = run(request, Progress()) if known_at else sample_run
    catalog = REFERENCE_DIR / "sku_catalog.csv"

    expected = decide(SAMPLE_DIR, catalog, Terms(), known_at=known_at)

    for part, value in as_reference(published).items():
        assert value == getattr(expected, part), part


def test_a_later_invoice_changes_a_decision(sample_run, sample_home):
    """Known at the cut-off, two customers are decided as the last invoice undoes."""
    request = RunRequest(str(SAMPLE_DIR), sample_home, known_at=CUT_OFF)
    at_the_cut_off = run(request, Progress())

    stories = ("reduced_by_a_late_invoice", "billed_by_a_late_invoice")
    before = [decision_of(story, at_the_cut_off.path) for story in stories]
    after = [decision_of(story, sample_run.path) for story in stories]

    assert at_the_cut_off.manifest["is_final"]
    assert before == ["qualified", "not_qualified"]
    assert after == ["not_qualified", "qualified"]


@pytest.mark.parametrize("verdict", ["pass", "fail", "pending"])
def test_every_rule_has_every_verdict(verdict, sample_run):
    """But that missing evidence is never a failure."""
    results = read_rows(sample_run.path / "rule_results.parquet")

    seen = {row["rule_id"] for row in results if row["verdict"] == verdict}

    never = {"complete_evidence"} if verdict == "fail" else set()
    assert seen == set(RULE_IDS) - never


def test_every_rule_fails_alone_somewhere(sample_run):
    """So that a rule that stops working shows as a payout."""
    decisions = read_rows(sample_run.path / "customer_decisions.parquet")

    alone = {
        row["failed_rules"][0] for row in decisions if len(row["failed_rules"]) == 1
    }

    # Who is not listed fails all rules on partners; who begins outside of the
    # campaign's days began before them, and is not new either.
    not_alone = {"complete_evidence", "known_reseller", "onboarded_in_window"}
    assert alone == set(RULE_IDS) - not_alone


def test_every_reason_and_hold_occurs(sample_run, sample_home):
    """Each way to be quarantined, and each thing that may keep a payment back."""
    quarantined = as_reference(sample_run)["quarantine"].values()
    payouts = read_rows(sample_run.path / "partner_payouts.parquet")

    assert {reason for _, reasons in quarantined for reason in reasons} == REASONS
    assert {hold for row in payouts for hold in row["hold_reasons"]} == set(
        HOLD_REASONS
    )
    # Nobody can earn less than the minimum where one reward is the minimum.
    assert {row["status"] for row in payouts} == {"nil", "held", "payable"}


def test_every_warning_occurs(sample_run):
    """What is odd and decides nothing is reported."""
    report = (sample_run.path / "data_quality.json").read_text(encoding="utf-8")

    for name in (
        "unknown_charge_types",
        "amounts_off_price",
        "several_currencies",
        "customers_with_two_names",
    ):
        assert f'"name": "{name}"' in report
    assert "Preis (EUR), netto" in report
