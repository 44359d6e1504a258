"""The other readings of the terms: both engines read them alike, and each is priced."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from pipelines.campaign import load_campaign
from pipelines.cli import main
from pipelines.difference.states import published_state
from pipelines.paths import REFERENCE_DIR
from pipelines.progress import Progress
from pipelines.recorded import RecordedRun
from pipelines.request import RunRequest
from pipelines.run import run
from pipelines.second_reading import Terms, decide
from pipelines.second_reading.terms import Readings
from pipelines.whatif.readings import other_readings
from pipelines.whatif.whatif import OtherTerms
from tests.random_campaign import write_random_campaign

CAMPAIGN = load_campaign("d365-smb-2019")
SEEDS = (2, 5, 8)
# What the second engine calls the settings.
FIELDS = {
    "seats.required_of": "required_of",
    "seats.scope": "scope",
    "seats.team_members": "team_members",
    "seats.zero_amount": "zero_amount",
    "customer.identity": "identity",
    "new_customer.partner_scope": "partner_scope",
    "attribution": "attribution",
}


@pytest.fixture(scope="module", params=SEEDS)
def made_up(request, tmp_path_factory):
    """A run of a random campaign, with what it was computed from."""
    root = tmp_path_factory.mktemp(f"seed{request.param}")
    campaign = write_random_campaign(request.param, root / "source")
    assert campaign.planted is None
    published = run(
        RunRequest(
            str(campaign.source),
            root / "home",
            as_of=campaign.as_of,
            known_at=campaign.known_at,
            max_quarantine_share=campaign.max_quarantine_share,
        ),
        Progress(),
    )
    return campaign, RecordedRun(published.path, root / "home", published.manifest)


def terms_under(key: str, reading: str) -> Terms:
    """Return the second engine's terms with one other reading."""
    if key == "eligibility.second_date":
        second = load_campaign("d365-smb-2019", {key: reading}).eligibility_dates
        return Terms(eligibility_dates=second)
    return Terms(readings=replace(Readings(), **{FIELDS[key]: reading}))


@pytest.mark.parametrize(
    ("key", "reading"),
    [pytest.param(*one, id="=".join(one)) for one in other_readings(CAMPAIGN)],
)
def test_both_engines_read_it_alike(made_up, key, reading, tmp_path):
    """Every decision, seat and reward, of campaigns that neither has seen."""
    campaign, recorded = made_up
    expected = decide(
        campaign.source,
        REFERENCE_DIR / "sku_catalog.csv",
        terms_under(key, reading),
        as_of=campaign.as_of,
        known_at=campaign.known_at,
        max_quarantine_share=campaign.max_quarantine_share,
    )

    found = OtherTerms(recorded, tmp_path, Progress()).under({key: reading})

    actual = {
        pair: (one.decision, one.reward, one.billed_seats, one.assigned_seats)
        for pair, one in found.after.customers.items()
    }
    assert actual == {
        pair: (
            one["decision"],
            one["reward_amount"],
            one["billed_seats"],
            one["assigned_seats"],
        )
        for pair, one in expected.decisions.items()
    }
    assert {
        partner: (one.status, one.payable)
        for partner, one in found.after.partners.items()
    } == {
        partner: (one["status"], one["payable_amount"])
        for partner, one in expected.payouts.items()
    }


def call(*words, code=0):
    """Give a command; return its JSON, or what it says if it is refused."""
    result = CliRunner().invoke(main, [*words, "--json"])
    assert result.exit_code == code, result.output
    return json.loads(result.stdout) if code == 0 else result.stderr


def test_every_other_reading_of_the_sample_has_its_price(sample_run, sample_home):
    """Dollars and customers, each alone; the run itself stays as it was."""
    before = {path for path in sample_home.rglob("*") if path.is_file()}

    summary = call("readings", str(sample_run.path), "--home", str(sample_home))

    assert summary["is_payout"] is False
    prices = {
        f"{one['setting']}={one['reading']}": one["difference"]
        for one in summary["readings"]
    }
    assert len(prices) == 9
    assert prices["seats.zero_amount=counted"]["customers"] == 5
    assert prices["seats.scope=each_product"]["earned"] == "-18000.00"
    for one in summary["readings"]:
        gained = sum(
            (row["after"] == "qualified") - (row["before"] == "qualified")
            for row in one["changed"]
        )
        assert one["difference"]["customers"] == gained
    assert {path for path in sample_home.rglob("*") if path.is_file()} == before


def test_a_term_set_to_what_it_is_changes_nothing(sample_run, sample_home, tmp_path):
    """The same models, the same decisions as published."""
    recorded = RecordedRun(sample_run.path, sample_home, sample_run.manifest)

    found = OtherTerms(recorded, tmp_path, Progress()).under({"seats.minimum": "15"})

    assert found.changed_pairs == []
    assert found.after == published_state(sample_run.path)


def test_terms_are_set_by_their_keys(sample_run, sample_home):
    """One seat less loses nobody, and pays more."""
    words = ("whatif", str(sample_run.path), "--home", str(sample_home))

    summary = call(*words, "--set", "seats.minimum=14")

    assert summary["difference"]["customers"] > 0
    assert all(one["after"] == "qualified" for one in summary["changed"])


@pytest.mark.parametrize(
    ("setting", "code", "sentence"),
    [
        ("seats.minimun=14", 4, "use 'seats.minimum'"),
        ("seats.minimum=none", 4, "must be a whole number"),
        ("seats.minimum", 2, "is not one KEY=VALUE"),
        ("products.catalog=x.csv", 2, "is an input of the run"),
        ("window.last_day=2018-01-01", 4, "last_day"),
    ],
)
def test_what_is_no_term_is_refused(sample_run, sample_home, setting, code, sentence):
    """With the place, and what to write instead."""
    words = ("whatif", str(sample_run.path), "--home", str(sample_home))

    assert sentence in call(*words, "--set", setting, code=code)


def test_it_is_said_not_to_be_a_payout(sample_run, sample_home):
    """In words, too."""
    words = ["--home", str(sample_home), "--set", "reward.amount_per_customer=1.00"]

    result = CliRunner().invoke(main, ["whatif", str(sample_run.path), *words])

    assert "This is not a payout" in result.stdout
    assert "qualified 2000.00 -> qualified 1.00" in result.stdout
