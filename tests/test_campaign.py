"""What a campaign file becomes."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines import paths
from pipelines.campaign import campaign_tables, known_campaigns, load_campaign
from pipelines.errors import CampaignError

SHIPPED = paths.CAMPAIGNS_DIR / "d365-smb-2019.yaml"
IN_COMPLIANCE_BY_F1 = 'in_compliance, clause: "F1"'
CATALOG = paths.REFERENCE_DIR / "sku_catalog.csv"
INVENTED = Path(__file__).parent / "data" / "campaigns" / "northwind-spring-2026.yaml"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the shipped campaign, with its catalogue beside it."""
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "reference").mkdir()
    shutil.copy(CATALOG, tmp_path / "reference")
    return Path(shutil.copy(SHIPPED, tmp_path / "campaigns"))


# What the shipped campaign becomes.


def test_the_shipped_campaign_has_the_terms_of_2019() -> None:
    """Every number of the programme page and of our own assumptions."""
    campaign = load_campaign("d365-smb-2019")

    assert campaign.campaign_id == "d365-smb-2019"
    assert campaign.provider == "Giacom"
    assert campaign.first_day == date(2019, 1, 1)
    assert campaign.last_day == date(2019, 6, 30)
    assert campaign.cut_off_on == date(2019, 8, 15)
    assert campaign.proof_due_on == date(2019, 7, 31)
    assert campaign.eligibility_dates == (date(2019, 1, 1), date(2019, 5, 30))
    assert campaign.minimum_seats == 15
    assert campaign.reward_amount == Decimal("2000.00")
    assert campaign.minimum_payout_amount == Decimal("2000.00")
    assert campaign.currency == "USD"
    assert campaign.segment == "SMB"
    assert campaign.catalog_path == CATALOG
    assert len(campaign.competencies) == 11


def test_the_last_day_to_pay_is_the_friday_before_the_ninetieth_day() -> None:
    """The ninetieth day, 2019-09-28, is a Saturday."""
    assert load_campaign("d365-smb-2019").pay_by_on == date(2019, 9, 27)


def test_the_shipped_campaigns_are_named_by_their_ids() -> None:
    """An id finds the file that bears it, so the file holds that id."""
    assert known_campaigns()
    for campaign_id in known_campaigns():
        assert load_campaign(campaign_id).campaign_id == campaign_id


def test_the_tables_have_the_columns_that_sql_joins() -> None:
    """Names and types of every table."""
    tables = campaign_tables(load_campaign("d365-smb-2019"))

    day, money = pa.date32(), pa.decimal128(18, 2)
    found = {
        name: dict(zip(table.schema.names, table.schema.types, strict=True))
        for name, table in tables.items()
    }
    assert found == {
        "campaign": {
            "campaign_id": pa.string(),
            "first_day": day,
            "last_day": day,
            "cut_off_on": day,
            "proof_due_on": day,
            "minimum_seats": pa.int32(),
            "reward_amount": money,
            "minimum_payout_amount": money,
            "currency": pa.string(),
            "segment": pa.string(),
            "pay_by_on": day,
            **dict.fromkeys(
                (
                    "required_of",
                    "seat_scope",
                    "zero_amount",
                    "customer_identity",
                    "partner_scope",
                    "attribution",
                ),
                pa.string(),
            ),
        },
        "campaign_competencies": {"competency": pa.string(), "admitted_from": day},
        "campaign_competency_levels": {"level": pa.string()},
        "campaign_competency_statuses": {"status": pa.string()},
        "campaign_eligibility_dates": {"eligibility_date": day},
        "campaign_rules": {
            "rule_id": pa.string(),
            "clause": pa.string(),
            "position": pa.int32(),
        },
        "campaign_holds": {
            "hold_reason": pa.string(),
            "clause": pa.string(),
            "position": pa.int32(),
        },
        "sku_catalog": {
            "durable_offer_id": pa.string(),
            "offer_name": pa.string(),
            "family": pa.string(),
            "is_purchase": pa.bool_(),
            "counts_as_seat": pa.bool_(),
        },
    }


def test_the_tables_hold_words_in_lower_case() -> None:
    """The feeds write levels, statuses and names in any case."""
    tables = campaign_tables(load_campaign("d365-smb-2019"))

    competencies = {
        row["competency"]: row["admitted_from"]
        for row in tables["campaign_competencies"].to_pylist()
    }
    assert len(competencies) == 11
    assert competencies["enterprise resource planning"] == date(2018, 10, 1)
    assert competencies["isv"] == date(2018, 7, 1)
    assert competencies["cloud business applications"] == date(2018, 7, 1)
    assert competencies["data platform"] is None
    assert tables["campaign_competency_levels"].to_pydict() == {
        "level": ["gold", "silver"]
    }
    assert tables["campaign_competency_statuses"].to_pydict() == {
        "status": ["active", "at risk"]
    }
    assert tables["campaign"].to_pylist()[0]["segment"] == "smb"


def test_the_rules_are_numbered_in_the_order_of_the_decision() -> None:
    """Fourteen rules with the clause that results show."""
    tables = campaign_tables(load_campaign("d365-smb-2019"))

    rules = [tuple(row.values()) for row in tables["campaign_rules"].to_pylist()]
    assert rules == [
        ("new_to_dynamics", "F3", 1),
        ("onboarded_in_window", "O2", 2),
        ("onboarded_by_partner", "O2", 3),
        ("smb_segment", "F3", 4),
        ("billed_seats", "O5 T3", 5),
        ("assigned_seats", "O5 T3", 6),
        ("complete_evidence", "-", 7),
        ("known_reseller", "F1", 8),
        ("active_mpn", "O3 T2", 9),
        ("reseller_agreement", "F1", 10),
        ("eligible_competency", "O3 O4", 11),
        ("program_enrolment", "F2 T5", 12),
        ("in_compliance", "T2", 13),
        ("proof_of_performance", "T6", 14),
    ]


def test_the_catalogue_counts_the_seats_of_the_three_products() -> None:
    """132 offers: four are trials, 25 give a seat."""
    offers = campaign_tables(load_campaign("d365-smb-2019"))["sku_catalog"].to_pylist()

    assert len(offers) == 132
    assert sum(offer["is_purchase"] for offer in offers) == 128
    assert sum(offer["counts_as_seat"] for offer in offers) == 25


# Another campaign is another file.


def test_a_campaign_with_other_terms_needs_no_code() -> None:
    """Other dates, amounts, threshold, products, competencies; one date; one hold."""
    campaign = load_campaign(INVENTED)
    tables = campaign_tables(campaign)

    assert campaign.reward_amount == Decimal("1250.50")
    assert campaign.minimum_payout_amount == Decimal("0.00")
    assert campaign.minimum_seats == 25
    assert campaign.eligibility_dates == (date(2026, 3, 1),)
    assert tables["campaign_holds"].to_pydict() == {
        "hold_reason": ["bank_account"],
        "clause": ["A3"],
        "position": [1],
    }
    assert tables["campaign"].to_pylist()[0]["segment"] == "corporate"


def test_an_offer_outside_the_families_gives_no_seat() -> None:
    """The catalogue may serve several campaigns."""
    offers = campaign_tables(load_campaign(INVENTED))["sku_catalog"].to_pylist()

    # a licence of the family, a trial, and a licence of another family
    assert [offer["counts_as_seat"] for offer in offers] == [True, False, False]
    assert offers[0]["durable_offer_id"] == "aaaaaaaa-0000-4000-8000-000000000001"


def test_a_campaign_may_have_three_eligibility_dates(copy: Path) -> None:
    """One, two or three, named by their order."""
    third = '  third_date: {value: 2019-06-30, clause: "T5"}'
    text = copy.read_text()
    copy.write_text(text.replace("eligibility:\n", f"eligibility:\n{third}\n"))

    assert load_campaign(copy).eligibility_dates[2] == date(2019, 6, 30)


def test_values_on_the_boundary_are_allowed() -> None:
    """Everything on the last day, one seat, one cent, a wire on the last day."""
    campaign = load_campaign(
        "d365-smb-2019",
        {
            "window.first_day": "2019-06-27",
            "window.last_day": "2019-06-28",
            "window.cut_off": "2019-06-28",
            "proof_of_performance.due_on": "2019-06-28",
            "eligibility.first_date": "2019-06-27",
            "eligibility.second_date": "2019-06-28",
            "seats.minimum": "1",
            "reward.amount_per_customer": "0.01",
            "payment.within_days": "1",
        },
    )

    assert campaign.cut_off_on == campaign.proof_due_on == campaign.pay_by_on
    assert campaign.reward_amount == Decimal("0.01")


# The digest.


def test_comments_notes_and_layout_leave_the_digest_as_it_is(copy: Path) -> None:
    """They explain the terms and change nothing."""
    text = re.sub(r"(?m)^ *#.*\n", "", copy.read_text())
    text = text.replace("a line of 0.00 is not active billing", "other words")
    copy.write_text(text.replace('"2000.00"', "2000") + "\n# the end\n")

    assert load_campaign(copy).digest == load_campaign("d365-smb-2019").digest


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seats.minimum", "16"),
        ("reward.amount_per_customer", "2000.01"),
        ("eligibility.second_date", "2019-05-31"),
        ("competencies.levels", "Gold"),
    ],
)
def test_another_value_makes_another_digest(key: str, value: str) -> None:
    """A run under other terms has another name."""
    changed = load_campaign("d365-smb-2019", {key: value})

    assert changed.digest != load_campaign("d365-smb-2019").digest


def test_another_clause_makes_another_digest(copy: Path) -> None:
    """Results show the clause of each rule."""
    text = copy.read_text()
    copy.write_text(text.replace('in_compliance, clause: "T2"', IN_COMPLIANCE_BY_F1))

    assert copy.read_text() != text
    assert load_campaign(copy).digest != load_campaign("d365-smb-2019").digest


def test_another_catalogue_makes_another_digest(copy: Path) -> None:
    """Every byte of it counts; where it lies does not."""
    assert load_campaign(copy).digest == load_campaign("d365-smb-2019").digest

    with (copy.parent.parent / "reference" / "sku_catalog.csv").open("a") as file:
        file.write("\n")
    assert load_campaign(copy).digest != load_campaign("d365-smb-2019").digest


def test_the_recorded_terms_are_a_campaign_file_again(copy: Path) -> None:
    """What a manifest records is enough to load the same campaign."""
    campaign = load_campaign(copy, {"seats.minimum": "20"})
    again = copy.with_name("recorded.json")
    again.write_text(json.dumps(campaign.as_dict()))

    assert load_campaign(again).minimum_seats == 20
    assert load_campaign(again).digest == campaign.digest


# Changed settings.


@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("[sales, business_central]", ("sales", "business_central")),
        ("sales, business_central", ("sales", "business_central")),
        ("[sales]", ("sales",)),
        ("sales", ("sales",)),
        ("'sales'", ("sales",)),
    ],
)
def test_a_change_of_a_list_is_yaml_or_has_commas(
    text: str, families: tuple[str, ...]
) -> None:
    """As a command line gives it."""
    changes = {"products.families": text}

    assert load_campaign("d365-smb-2019", changes).families == families


def test_a_term_can_be_left_out_or_added() -> None:
    """One date of eligibility is enough, and a third one may be named."""
    one = load_campaign("d365-smb-2019", {"eligibility.second_date": "null"})
    three = load_campaign("d365-smb-2019", {"eligibility.third_date": "2019-06-15"})

    assert [str(day) for day in one.eligibility_dates] == ["2019-01-01"]
    assert [str(day) for day in three.eligibility_dates] == [
        "2019-01-01",
        "2019-05-30",
        "2019-06-15",
    ]


def test_competencies_and_holds_are_set_by_their_names() -> None:
    """The known ones keep the day that admits them."""
    changes = {"competencies.accepted": "[isv, Security]", "holds": "[bank_account]"}

    campaign = load_campaign("d365-smb-2019", changes)

    assert [(one.name, one.clause) for one in campaign.competencies] == [
        ("ISV", "O4"),
        ("Security", "-"),
    ]
    assert str(campaign.competencies[0].admitted_from) == "2018-07-01"
    assert [hold.reason for hold in campaign.holds] == ["bank_account"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"products.families": "[sales, salez]"},
            r"--set products.families=\[sales, salez\], products.families\[2\]: "
            r".*'salez'; nothing was computed: use families",
        ),
        (
            {"customer.segment": "[SMB]"},
            r"^--set customer.segment=\[SMB\]: it holds one value, not a list; "
            r"nothing was computed: write --set customer.segment=SMB\.$",
        ),
        (
            {"products.families": "{sales: 1}"},
            r"a list of words; nothing was computed: .*'products.families=\[A, B\]'",
        ),
        ({"competencies.levels": "[Gold"}, r"^--set competencies.levels=\[Gold: is no"),
        ({"seats.minimum": "null"}, r"^--set seats.minimum=null: must be a whole"),
        (
            {"window.last_day": "2019-04-30"},
            r"^--set window.last_day=2019-04-30, with which eligibility.second_date is "
            r"wrong: 2019-05-30 is outside",
        ),
    ],
)
def test_a_wrong_change_names_the_setting_and_no_file(
    changes: dict[str, str], sentence: str
) -> None:
    """It is the command line that is wrong, and no run was to be started."""
    with pytest.raises(CampaignError, match=sentence) as refused:
        load_campaign("d365-smb-2019", changes)

    assert "campaign file" not in str(refused.value)
    assert "no run was started" not in str(refused.value)


def test_a_change_of_an_unknown_setting_names_the_nearest_one() -> None:
    """A misspelt setting must not leave the terms as they were."""
    with pytest.raises(CampaignError, match=r"'seats\.minimun'.*use 'seats\.minimum'"):
        load_campaign("d365-smb-2019", {"seats.minimun": "20"})


def test_a_change_to_a_wrong_value_is_refused_by_its_setting() -> None:
    """No line is named: the new value stands on none."""
    with pytest.raises(
        CampaignError, match=r"^--set seats\.minimum=0: must be a whole"
    ):
        load_campaign("d365-smb-2019", {"seats.minimum": "0"})
