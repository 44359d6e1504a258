"""The reference reading of the contract, held against cases worked out by hand."""

from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
import yaml

from pipelines.second_reading import Refused, Terms, decide
from pipelines.second_reading.cells import to_cents
from pipelines.second_reading.layouts import LAYOUTS
from pipelines.second_reading.reading import DataFile, read_file
from pipelines.second_reading.rules import BELOW_KNOWN_RESELLER
from pipelines.second_reading.seats import Count, timeline
from tests.random_campaign import write_random_campaign
from tests.reference.invention.crowd import Crowd, add_customer
from tests.reference.invention.histories import (
    PURCHASE_OFFERS,
    SEAT_OFFERS,
    TRIAL_OFFERS,
)
from tests.reference.invention.parcels import deliver, wrap
from tests.reference.sound import (
    ASSIGNED,
    BILLED,
    CUSTOMER,
    CUT_OFF,
    DAY,
    END,
    FIRST,
    OTHER,
    PARTNER,
    SALES,
    SECOND,
    SECOND_SUBSCRIPTION,
    SUBSCRIPTION,
    TEAM,
    TRIAL,
    Extracts,
)

SCENARIOS = yaml.safe_load(
    (Path(__file__).parent / "cases" / "billing_scenarios.yaml").read_text()
)


@pytest.fixture
def extracts(tmp_path):
    """Extracts of a campaign in which the one customer qualifies."""
    return Extracts(tmp_path)


@pytest.mark.parametrize("case", SCENARIOS, ids=lambda case: case["name"])
def test_seats_follow_the_published_billing_scenarios(extracts, case):
    """Section 5: the sum of signed quantities is what the subscription holds."""
    extracts.feeds["billing"] = [
        BILLED
        | {
            "ChargeStartDate": start,
            "ChargeEndDate": end,
            "ChargeType": charge,
            "UnitPrice": price,
            "Quantity": quantity,
            "Amount": amount,
        }
        for start, end, charge, price, quantity, amount in case["rows"]
    ]

    found = extracts.decide().seat_timeline

    for day, seats in case["seats"].items():
        on_day = [part[5] for part in found if part[3] <= day <= part[4]]
        assert sum(on_day) == seats, day


def test_stretches_say_the_same_as_counting_every_single_day():
    """Section 5: seats on a day are the sum over all rows that cover the day."""
    first = date(2019, 1, 1)
    for seed in range(40):
        counts = [
            Count(
                first + DAY * (seed * 7 % (row + 3)),
                first + DAY * (seed * 7 % (row + 3) + seed * row % 11),
                (seed + row) % 5 - 2,
            )
            for row in range(6)
        ]
        by_day = Counter()
        for count in counts:
            for offset in range((count.last - count.first).days + 1):
                by_day[count.first + DAY * offset] += count.seats

        found = timeline(counts)

        spread = {
            part.first + DAY * offset: part.seats
            for part in found
            for offset in range((part.last - part.first).days + 1)
        }
        assert spread == {day: seats for day, seats in by_day.items() if seats}
        assert all(
            left.seats != right.seats or left.last + DAY < right.first
            for left, right in pairwise(found)
        )


def test_a_sound_customer_of_a_sound_partner_qualifies_and_is_paid(extracts):
    """Section 6: all fourteen rules pass, so the reward is owed and payable."""
    result = extracts.decide()

    assert result.final
    assert result.decisions == {
        (PARTNER, CUSTOMER): {
            "decision": "qualified",
            "onboarded_on": date(2019, 2, 1),
            "billed_seats": 15,
            "assigned_seats": 15,
            "failed_rules": [],
            "pending_rules": [],
            "reward_amount": Decimal("2000.00"),
        }
    }
    assert result.payouts == {
        PARTNER: {
            "partner_name": None,
            "qualified_customers": 1,
            "pending_customers": 0,
            "earned_amount": Decimal("2000.00"),
            "status": "payable",
            "hold_reasons": [],
            "payable_amount": Decimal("2000.00"),
        }
    }


@pytest.mark.parametrize(
    ("known_at", "decision", "failed", "pending"),
    [
        (CUT_OFF, "not_qualified", ["billed_seats"], []),
        (CUT_OFF - DAY, "pending", [], ["billed_seats"]),
    ],
)
def test_fourteen_seats_fail_only_once_the_campaign_is_final(
    extracts, known_at, decision, failed, pending
):
    """O5, O6: a late invoice can still cure a shortfall before the cut-off."""
    extracts["billing"][0]["Quantity"] = "14"

    assert extracts.one_decision(known_at=known_at) == (decision, failed, pending)


def test_seats_end_with_the_day_that_a_credit_begins(extracts):
    """Section 5: a credit from 30 June on leaves nothing on the measured date."""
    extracts["billing"].append(
        BILLED | {"ChargeStartDate": "2019-06-30", "Amount": "-5.00", "Quantity": "1"}
    )

    result = extracts.decide()

    assert result.decisions[PARTNER, CUSTOMER]["billed_seats"] == 14
    assert result.seat_timeline == {
        (CUSTOMER, SUBSCRIPTION, PARTNER, *days, seats)
        for days, seats in [
            ((date(2019, 2, 1), date(2019, 6, 29)), 15),
            ((date(2019, 6, 30), date(2020, 1, 31)), 14),
        ]
    }


@pytest.mark.parametrize(
    ("change", "seats"),
    [
        ({"ChargeType": "OFFSET A LINE ITEM"}, 15),
        ({"Amount": "0.004"}, 15),
        ({"Amount": "-0.005"}, 14),
        ({"Amount": "0.005"}, 16),
        ({"DurableOfferId": TEAM}, 15),
        ({"DurableOfferId": TRIAL}, 15),
    ],
)
def test_only_charged_campaign_licences_count_as_seats(extracts, change, seats):
    """Section 5: offsets, amounts that round to 0 and other products count none."""
    extracts["billing"].append(BILLED | {"Quantity": "1", "Amount": "4.00"} | change)

    (made,) = extracts.decide().decisions.values()

    assert made["billed_seats"] == seats


@pytest.mark.parametrize(
    ("offer", "last_day", "failed"),
    [
        (TEAM, "2018-12-31", ["new_to_dynamics"]),
        (SALES, "2018-12-31", ["new_to_dynamics", "onboarded_in_window"]),
        (TRIAL, "2018-12-31", []),
    ],
)
def test_dynamics_bought_on_the_eve_makes_the_customer_not_new(
    extracts, offer, last_day, failed
):
    """F3: any purchase counts, with anyone; a trial was never bought."""
    extracts["billing"].append(
        BILLED
        | {
            "SyndicationPartnerSubscriptionNumber": SECOND_SUBSCRIPTION,
            "DurableOfferId": offer,
            "ChargeStartDate": last_day,
            "ChargeEndDate": last_day,
        }
    )

    assert extracts.one_decision()[1] == failed


@pytest.mark.parametrize(
    ("start", "mine", "others"),
    [
        ("2019-01-31", "fail", "pass"),
        ("2019-02-01", "pending", "pending"),
        ("2019-02-02", "pass", "fail"),
    ],
)
def test_of_two_partners_the_one_that_began_first_is_paid(
    extracts, start, mine, others
):
    """O2: the onboarding partner earns the reward; two on one day wait for a word."""
    extracts["billing"].append(
        BILLED
        | {
            "SyndicationPartnerSubscriptionNumber": SECOND_SUBSCRIPTION,
            "ResellerMpnId": OTHER,
            "ChargeStartDate": start,
        }
    )

    verdicts = extracts.decide().verdicts

    assert verdicts[PARTNER, CUSTOMER]["onboarded_by_partner"] == mine
    assert verdicts[OTHER, CUSTOMER]["onboarded_by_partner"] == others


@pytest.mark.parametrize(
    ("start", "owner"), [("2019-06-30", OTHER), ("2019-07-01", PARTNER)]
)
def test_a_subscription_belongs_to_its_latest_owner_up_to_the_measured_date(
    extracts, start, owner
):
    """Section 5: one owner a run, for all days, read off a row of any product."""
    extracts["billing"].append(
        BILLED
        | {"ResellerMpnId": OTHER, "ChargeStartDate": start, "DurableOfferId": TEAM}
    )

    assert list(extracts.decide().decisions) == [(owner, CUSTOMER)]


def test_an_unlisted_partner_fails_its_rules_even_while_the_campaign_is_open(extracts):
    """F1: a partner that is not in `partners` cannot be cured by time."""
    extracts["billing"][0]["ResellerMpnId"] = "unheard of"

    decision, failed, _ = extracts.one_decision(known_at=date(2019, 8, 1))

    assert decision == "not_qualified"
    assert failed == ["known_reseller", *BELOW_KNOWN_RESELLER]


def test_a_partner_whose_only_row_is_quarantined_is_pending(extracts):
    """Section 4: a row that does not read is not the same as no row."""
    extracts["partners"][0]["MpnActiveTo"] = "13/45/2019"

    decision, failed, pending = extracts.one_decision()

    assert (decision, failed) == ("pending", [])
    assert pending == ["known_reseller", *BELOW_KNOWN_RESELLER]


def test_a_quarantined_billing_row_keeps_its_customer_pending(extracts):
    """Section 4: what the customer's own rules would fail is not known yet either."""
    extracts["billing"][0]["Quantity"] = "14"
    extracts["billing"].append(BILLED | {"Quantity": "1.5", "OfferName": "anything"})

    result = extracts.decide()

    assert result.decisions[PARTNER, CUSTOMER]["failed_rules"] == []
    assert result.decisions[PARTNER, CUSTOMER]["pending_rules"] == [
        "billed_seats",
        "complete_evidence",
    ]
    assert result.quarantine == {
        ("billing", "2019-08-01", "one.csv", 2): (CUSTOMER, ["bad_number"])
    }


def test_a_later_usage_delivery_heals_a_quarantined_one(extracts):
    """Section 4: the newest delivery that holds the measured day wins whole."""
    extracts["license_usage"][0]["AssignedSeats"] = "many"
    extracts["license_usage"].append(ASSIGNED | {"SnapshotDate": "2019-05-31"})
    assert extracts.one_decision()[2] == ["assigned_seats", "complete_evidence"]

    extracts.write("license_usage", [ASSIGNED], delivery="2019-08-02")

    assert extracts.one_decision() == ("qualified", [], [])


@pytest.mark.parametrize(
    ("signed_on", "as_of", "verdict"),
    [
        (FIRST + DAY, END, "pass"),
        (SECOND + DAY, END, "fail"),
        (FIRST + DAY, SECOND - DAY, "pending"),
    ],
)
def test_eligible_on_either_date_is_eligible(extracts, signed_on, as_of, verdict):
    """T5: at the start or one month before the end, whichever holds more."""
    extracts["partners"][0]["ResellerAgreementSignedOn"] = signed_on

    verdicts = extracts.decide(as_of=as_of).verdicts[PARTNER, CUSTOMER]

    assert verdicts["reseller_agreement"] == verdict


def test_a_tie_of_eligibility_dates_goes_to_the_later(extracts):
    """T5: non-compliance in spring does no harm if the partner is sound in May."""
    extracts["partners"][0] |= {
        "NonCompliantFrom": "2019-02-01",
        "NonCompliantTo": "2019-05-29",
    }
    assert extracts.one_decision() == ("qualified", [], [])

    extracts["partners"][0]["NonCompliantTo"] = "2019-05-30"

    assert extracts.one_decision() == ("not_qualified", ["in_compliance"], [])


@pytest.mark.parametrize(
    ("proof", "known_at", "verdict"),
    [
        ({"SubmittedOn": "2019-08-01"}, CUT_OFF, "fail"),
        ({"SubmittedOn": "2019-08-01"}, date(2019, 8, 1), "fail"),
        ({"Status": "Rejected"}, date(2019, 8, 1), "fail"),
        ({"Status": "pending"}, CUT_OFF, "pending"),
        ({"SubmittedOn": ""}, CUT_OFF, "fail"),
    ],
)
def test_proof_must_be_accepted_and_in_time(extracts, proof, known_at, verdict):
    """T6: a proof handed in by the due date may still be looked at after it."""
    extracts["proofs"][0] |= proof

    verdicts = extracts.decide(known_at=known_at).verdicts[PARTNER, CUSTOMER]

    assert verdicts["proof_of_performance"] == verdict


@pytest.mark.parametrize(
    ("account", "held"),
    [
        ({"Iban": "gb82west12345698765432"}, False),
        ({"Iban": "GB82WEST12345698765433", "AccountNumber": "1"}, True),
        ({"Iban": "", "AccountNumber": "1", "Bic": "DEUTDEFF"}, False),
        ({"Iban": "", "AccountNumber": "1", "RoutingNumber": "021000021"}, False),
        ({"Iban": "", "AccountNumber": "1", "RoutingNumber": "021000020"}, True),
        ({"TownName": " "}, True),
    ],
)
def test_money_waits_for_an_account_that_checks(extracts, account, held):
    """T4: the reward is earned all the same; a hold is not a loss."""
    extracts["bank_accounts"][0] |= account

    paid = extracts.decide().payouts[PARTNER]

    assert paid["earned_amount"] == Decimal("2000.00")
    assert paid["hold_reasons"] == (["bank_account"] if held else [])
    assert paid["payable_amount"] == Decimal(0 if held else 2000)


def test_less_than_the_minimum_is_forfeited(extracts):
    """F6: what a partner earns below the minimum payout is lost, not held."""
    extracts.feeds["bank_accounts"] = []
    terms = Terms(reward=Decimal("1999.99"))

    paid = extracts.decide(terms=terms).payouts[PARTNER]

    assert (paid["status"], paid["hold_reasons"]) == ("forfeited", [])


def test_a_restated_invoice_replaces_the_earlier_one_whole(extracts):
    """Section 3: good or quarantined, rows of the replaced version do not exist."""
    extracts["billing"].append(BILLED | {"ChargeEndDate": "n/a"})
    extracts.write("billing", [BILLED], delivery="2019-08-16", name="one.v2.csv")

    assert extracts.one_decision(known_at=CUT_OFF)[0] == "pending"
    assert extracts.one_decision(known_at=CUT_OFF + DAY)[0] == "qualified"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "missing_column"),
        (b"CustomerId,Segment\n", "missing_column"),
        (b"CustomerId,Segment,TopParentId,segment ,Country\n", "duplicate_column"),
        (b'CustomerId,TopParentId,CustomerName,Segment,Country\n"', "unreadable"),
        (b"CustomerId,TopParentId,CustomerName,Segment,Country\r\n\xc3", "unreadable"),
    ],
)
def test_a_file_that_cannot_be_trusted_refuses_the_run(extracts, content, code):
    """Section 4: a file fault publishes nothing, whatever the rest says."""
    extracts.feeds["customers"] = []
    extracts.write("customers", []).write_bytes(content)

    with pytest.raises(Refused) as refusal:
        extracts.decide()

    assert refusal.value.code == code


def test_dates_of_two_styles_in_one_file_refuse_the_run(extracts):
    """Section 3: one style a file, so that no day passes for a month unseen."""
    extracts["billing"][0]["ChargeStartDate"] = "2/1/2019"

    with pytest.raises(Refused) as refusal:
        extracts.decide()

    assert refusal.value.code == "mixed_styles"


@pytest.mark.parametrize("seed", range(24))
def test_a_made_up_campaign_is_refused_only_for_a_planted_fault(tmp_path, seed):
    """Section 4: faults stop the run; rows that fault do not, and none is lost."""
    made = write_random_campaign(seed, tmp_path / "source")
    catalog = write_catalog(tmp_path / "catalog.csv")
    # A small allowance may be used up by row faults alone, which is no fault planted.
    share = max(made.max_quarantine_share, Decimal(0 if made.planted else "0.9"))

    refused, counted = None, {}
    try:
        counted = decide(
            made.source, catalog, Terms(), made.as_of, made.known_at, share
        ).rows
    except Refused as refusal:
        refused = refusal.code

    assert refused == made.planted
    assert all(
        rows["read"] == rows["validated"] + rows["quarantined"]
        for rows in counted.values()
    )


@pytest.mark.parametrize("seed", range(30))
def test_a_row_reads_the_same_in_every_dialect(tmp_path, seed):
    """Section 3: quoting, order, case, padding, style and packing change no value."""
    rng = Random(seed)  # noqa: S311 - it must repeat, not be secret
    crowd = Crowd([PARTNER, None], END, [END])
    add_customer(rng, crowd)
    parcel = wrap(rng, "billing", END, "INV-1", crowd.billing)
    deliver(rng, parcel, tmp_path)
    path = tmp_path / "billing" / "2019-06-30" / parcel.name
    everything = {row["DurableOfferId"] for row in crowd.billing}

    read = read_file(DataFile("billing", END, path), everything)

    assert len(read.good) + len(read.bad) == len(crowd.billing)
    for row in read.good:
        written = parcel.records[row.number - 1]
        # Exported amounts carry the noise of floats; to the cent they are the same.
        for column in set(parcel.page.columns) & set(LAYOUTS["billing"].columns):
            assert plain_value(row[column]) == plain_value(written.get(column))


def plain_value(value):
    """Return what a written cell should read as, amounts to the cent."""
    if isinstance(value, Decimal):
        return to_cents(value)
    if isinstance(value, str):
        return value.strip() or None
    return value


def write_catalog(path):
    """Write the catalogue of the products that made-up customers buy."""
    kinds = {"true,true": SEAT_OFFERS, "true,false": PURCHASE_OFFERS}
    kinds["false,false"] = TRIAL_OFFERS
    lines = [f"{offer},{flags}\n" for flags, kind in kinds.items() for offer in kind]
    path.write_text("durable_offer_id,is_purchase,counts_as_seat\n" + "".join(lines))
    return path


def test_a_made_up_campaign_repeats_byte_by_byte(tmp_path):
    """A seed that fails must fail again for whoever looks into it."""
    written = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        write_random_campaign(7, folder)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        written.append(
            [(path.relative_to(folder), path.read_bytes()) for path in files]
        )

    assert written[0] == written[1]
    assert len(written[0]) > len(LAYOUTS)
