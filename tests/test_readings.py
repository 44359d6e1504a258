"""The other readings of the terms: both engines read them alike, and each is priced."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

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
EACH_PRODUCT = {"seats.scope": "each_product"}
EACH_PARTNER = {"attribution": "each_partner_with_seats"}
BILLED = {"seats.required_of": "billed_only"}
ASSIGNED = {"seats.required_of": "assigned_only"}
# Each reading, and those that meet each other, with a seed whose verdicts it moves.
MOVING = [
    (13, BILLED),
    (13, ASSIGNED),
    (16, EACH_PRODUCT),
    (31, {"seats.team_members": "counted"}),
    (16, {"seats.zero_amount": "counted"}),
    (13, {"customer.identity": "top_parent"}),
    (13, {"new_customer.partner_scope": "this_partner"}),
    (32, {"new_customer.partner_scope": "this_partner"}),
    (16, EACH_PARTNER),
    (32, {"eligibility.second_date": "2019-05-31"}),
    (16, EACH_PRODUCT | BILLED),
    (16, EACH_PRODUCT | ASSIGNED),
    (13, EACH_PARTNER | ASSIGNED),
    (16, EACH_PARTNER | BILLED),
    (13, EACH_PARTNER | EACH_PRODUCT | ASSIGNED),
    (31, {"customer.identity": "top_parent"} | EACH_PRODUCT | EACH_PARTNER),
]


@pytest.fixture(scope="module")
def made_up(tmp_path_factory):
    """Give the random campaign of a seed, and its run to be decided otherwise."""

    @cache
    def of(seed):
        root = tmp_path_factory.mktemp(f"seed{seed}")
        campaign = write_random_campaign(seed, root / "source")
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
        recorded = RecordedRun(published.path, root / "home", published.manifest)
        return campaign, OtherTerms(recorded, root, Progress())

    return of


def terms_under(changes: dict[str, str]) -> Terms:
    """Return the second engine's terms with other readings."""
    dates = load_campaign("d365-smb-2019", changes).eligibility_dates
    fields = {FIELDS[key]: changes[key] for key in FIELDS.keys() & changes.keys()}
    return Terms(eligibility_dates=dates, readings=replace(Readings(), **fields))


def second_engine(campaign, changes):
    """Return what the second engine decides of a random campaign."""
    return decide(
        campaign.source,
        REFERENCE_DIR / "sku_catalog.csv",
        terms_under(changes),
        as_of=campaign.as_of,
        known_at=campaign.known_at,
        max_quarantine_share=campaign.max_quarantine_share,
    )


def test_every_other_reading_is_looked_at():
    """Alone, in a campaign whose verdicts it moves."""
    alone = [changes for _, changes in MOVING if len(changes) == 1]

    assert all(dict([one]) in alone for one in other_readings(CAMPAIGN))


@pytest.mark.parametrize(
    ("seed", "changes"),
    [
        pytest.param(seed, changes, id=f"{seed}:{','.join(changes.values())}")
        for seed, changes in MOVING
    ],
)
def test_both_engines_read_it_alike(made_up, seed, changes):
    """Every verdict, seat and reward, of campaigns that neither has seen."""
    campaign, other = made_up(seed)
    as_it_is, expected = (second_engine(campaign, each) for each in ({}, changes))
    assert as_it_is.verdicts != expected.verdicts

    found = other.under(changes)

    actual = {
        pair: (
            one.decision,
            one.reward,
            one.billed_seats,
            one.assigned_seats,
            dict.fromkeys(one.failed_rules, "fail")
            | dict.fromkeys(one.pending_rules, "pending"),
        )
        for pair, one in found.after.customers.items()
    }
    assert actual == {
        pair: (
            one["decision"],
            one["reward_amount"],
            one["billed_seats"],
            one["assigned_seats"],
            {rule: said for rule, said in verdicts.items() if said != "pass"},
        )
        for (pair, one), verdicts in zip(
            expected.decisions.items(), expected.verdicts.values(), strict=True
        )
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
    assert prices["eligibility.second_date=2019-05-31"] == {
        "customers": 2,
        "partners": 1,
        "earned": "4000.00",
        "payable": "4000.00",
    }
    for one in summary["readings"]:
        gained = sum(
            (row["after"] == "qualified") - (row["before"] == "qualified")
            for row in one["changed"]
        )
        assert one["difference"]["customers"] == gained
    assert {path for path in sample_home.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("changes", "others"),
    [
        ({}, ["2019-05-31"]),
        ({"eligibility.second_date": "2019-05-31"}, ["2019-05-30"]),
        ({"eligibility.second_date": "2019-05-15"}, ["2019-05-30", "2019-05-31"]),
        ({"eligibility.second_date": "null"}, []),
        # A month ends where the same day of it would be, and then the day is one.
        ({"window.last_day": "2019-07-31"}, []),
        # A date that the terms cannot have is no reading of them.
        (
            {"window.first_day": "2019-05-31", "eligibility.first_date": "2019-05-31"}
            | {"eligibility.second_date": "2019-06-15"},
            [],
        ),
        ({"eligibility.third_date": "2019-05-31"}, []),
    ],
)
def test_one_month_before_the_end_is_read_both_ways(changes, others):
    """On the same day of the month before, and on its last day (T5)."""
    if "window.last_day" in changes:
        changes |= {
            "proof_of_performance.due_on": "2019-08-31",
            "eligibility.second_date": "2019-06-30",
        }
    campaign = load_campaign("d365-smb-2019", changes)

    found = other_readings(campaign)

    key = "eligibility.second_date"
    assert [day for setting, day in found if setting == key] == others
    for one in others:
        load_campaign("d365-smb-2019", changes | {key: one})


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
        ("products.families=[sales, fax]", 4, "no offer of"),
        ("products.families=fax", 4, "products.families[1]"),
        ("seats.scope=none", 4, "--set seats.scope=none: the reading"),
    ],
)
def test_what_is_no_term_is_refused(sample_run, sample_home, setting, code, sentence):
    """With the place, and what to write instead."""
    words = ("whatif", str(sample_run.path), "--home", str(sample_home))

    message = call(*words, "--set", setting, code=code)

    assert sentence in message
    assert "nothing was computed" in message
    assert "campaign file" not in message


def test_it_is_said_not_to_be_a_payout(sample_run, sample_home):
    """In words, too."""
    words = ["--home", str(sample_home), "--set", "reward.amount_per_customer=1.00"]

    result = CliRunner().invoke(main, ["whatif", str(sample_run.path), *words])

    assert "This is not a payout" in result.stdout
    assert "qualified 2000.00 -> qualified 1.00" in result.stdout
