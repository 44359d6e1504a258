"""What must not matter does not, and more never pays less, in any campaign."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.reference.invention import deliveries
from tests.reference.invention.histories import OTHER_OFFERS, SEAT_OFFERS
from tests.reference.invention.parcels import Parcel, wrap
from tests.reference.invention.values import Guid, new_guid
from tests.reference.sound import CUT_OFF, END
from tests.scenes import tree
from tests.varied_campaign import Campaign, run_over

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reference.invention.values import Record

SEEDS = (9, 10)
# A key that comes twice in one of these: the last row wins, so rows of one key stay.
KEYS = {
    "billing": "SyndicationPartnerSubscriptionNumber",
    "customers": "CustomerId",
    "partners": "MpnId",
    "bank_accounts": "MpnId",
}
DECIDED = ("decisions", "verdicts", "seat_timeline", "purchase_timeline", "payouts")


@pytest.fixture(scope="module", params=SEEDS)
def campaign(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Campaign:
    """Return a made-up campaign in which somebody earns something."""
    rng = random.Random(request.param)  # noqa: S311 - it must repeat
    parcels = deliveries.invent(rng, END, CUT_OFF)
    made = Campaign(request.param, tmp_path_factory.mktemp("laws"), parcels)
    assert any(paid["earned_amount"] for paid in made.decided["payouts"].values())
    return made


def test_the_order_of_rows_does_not_matter(campaign: Campaign, tmp_path: Path):
    """Rows of one subscription or one key apart, of which the last may win."""
    rng = random.Random(campaign.seed)  # noqa: S311 - it must repeat
    changed = campaign.live
    for parcel in changed:
        parcel.page = replace(parcel.page, rows=_shuffled(rng, parcel))
    assert any(
        new.page.rows != old.page.rows
        for new, old in zip(changed, campaign.live, strict=True)
    )

    varied = campaign.vary(tmp_path, changed)

    for part in (*DECIDED, "rows"):
        assert varied[part] == campaign.decided[part], part


def _shuffled(rng: random.Random, parcel: Parcel) -> list[list[str]]:
    """Return the rows in another order, in which rows of one key keep theirs."""
    key = KEYS.get(parcel.feed)
    rows = parcel.page.rows
    if key is None:
        return rng.sample(rows, len(rows))
    at = parcel.page.columns.index(key)
    groups = defaultdict(list)
    for row in rows:
        cell = row[at] if at < len(row) else ""
        groups[cell.strip().lower().removeprefix("org:")].append(row)
    names = [name for name, group in groups.items() for _ in group]
    rng.shuffle(names)
    return [groups[name].pop(0) for name in names]


def test_the_names_of_files_do_not_matter(campaign: Campaign, tmp_path: Path):
    """As long as their order stays, which breaks ties."""
    renamed = ("billing", "partners")
    gone = [parcel for parcel in campaign.parcels if parcel.feed in renamed]
    changed = [replace(parcel, stem=f"' [{parcel.stem}") for parcel in gone]

    varied = campaign.vary(tmp_path, changed, gone)

    for part in (*DECIDED, "rows"):
        assert varied[part] == campaign.decided[part], part


def test_the_invoice_that_seats_are_billed_on_does_not_matter(
    campaign: Campaign, tmp_path: Path
):
    """An invoice in two parts, of two deliveries, bills the same seats.

    Owners aside: of two rows that start on one day the later delivery's names it.
    """
    whole = max(
        (parcel for parcel in campaign.live if parcel.feed == "billing"),
        key=lambda parcel: len(parcel.page.rows),
    )
    rows = whole.page.rows
    parts = [
        replace(whole, page=replace(whole.page, rows=rows[::2])),
        replace(
            whole,
            stem="the other half",
            delivery=deliveries.DELIVERY_DAYS[0],
            page=replace(whole.page, rows=rows[1::2]),
        ),
    ]
    assert all(part.page.rows for part in parts)

    varied = campaign.vary(tmp_path, parts)

    assert varied["rows"] == campaign.decided["rows"]
    for part in ("seat_timeline", "purchase_timeline"):
        assert _without_owners(varied[part]) == _without_owners(campaign.decided[part])


def _without_owners(timeline: set[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    return {(*stretch[:2], *stretch[3:]) for stretch in timeline}


def test_other_products_do_not_matter(campaign: Campaign, tmp_path: Path):
    """However many of them a customer has."""
    rows = [
        _billed(customer, partner, new_guid(random.Random(at)), OTHER_OFFERS)  # noqa: S311 - it must repeat
        for at, (partner, customer) in enumerate(campaign.decided["decisions"])
    ]

    varied = campaign.vary(tmp_path, [_invoice(campaign, rows)])

    assert (
        varied["rows"]["billing"]["validated"]
        == len(rows) + (campaign.decided["rows"]["billing"]["validated"])
    )
    for part in DECIDED:
        assert varied[part] == campaign.decided[part], part


def test_one_more_billed_seat_never_pays_less(campaign: Campaign, tmp_path: Path):
    """On the measured date, on every subscription that had some before."""
    rows = [
        _billed(customer, partner, subscription, SEAT_OFFERS)
        for customer, subscription, partner in {
            stretch[:3]
            for stretch in campaign.decided["seat_timeline"]
            if stretch[3] <= END and stretch[5] > 0 and stretch[2]
        }
    ]

    varied = campaign.vary(tmp_path, [_invoice(campaign, rows)])

    for pair, before in campaign.decided["decisions"].items():
        after = varied["decisions"][pair]
        if pair[0]:
            assert after["billed_seats"] > before["billed_seats"], pair
        assert after["reward_amount"] >= before["reward_amount"], pair
    _nobody_is_paid_less(campaign, varied)


def test_one_more_assigned_seat_never_pays_less(campaign: Campaign, tmp_path: Path):
    """In every row of usage that reads."""
    changed = [parcel for parcel in campaign.live if parcel.feed == "license_usage"]
    for parcel in changed:
        at = parcel.page.columns.index("AssignedSeats")
        for row in parcel.page.rows:
            # Some campaigns have the largest number that reads.
            if at < len(row) and re.fullmatch("[0-9]{1,6}", row[at]):
                row[at] = str(int(row[at]) + 1)

    varied = campaign.vary(tmp_path, changed)

    assert varied["rows"] == campaign.decided["rows"]
    assert any(
        (after["assigned_seats"] or 0) > (before["assigned_seats"] or 0)
        for after, before in _pairs(varied["decisions"], campaign.decided["decisions"])
    )
    for after, before in _pairs(varied["decisions"], campaign.decided["decisions"]):
        assert after["reward_amount"] >= before["reward_amount"]
    _nobody_is_paid_less(campaign, varied)


def _pairs(varied: dict[Any, Any], before: dict[Any, Any]) -> list[tuple[Any, Any]]:
    assert varied.keys() == before.keys()
    return [(varied[key], before[key]) for key in before]


def _nobody_is_paid_less(campaign: Campaign, varied: dict[str, Any]) -> None:
    for after, before in _pairs(varied["payouts"], campaign.decided["payouts"]):
        assert after["earned_amount"] >= before["earned_amount"]
        assert after["payable_amount"] >= before["payable_amount"]


def _billed(
    customer: str, partner: str | None, subscription: str, offers: dict[str, str]
) -> Record:
    """Return one seat of one of the offers, billed for the measured date alone."""
    offer, name = next(iter(offers.items()))
    return {
        "CustomerId": Guid(customer),
        "ResellerMpnId": partner,
        "SyndicationPartnerSubscriptionNumber": Guid(subscription),
        "DurableOfferId": Guid(offer),
        "OfferName": name,
        "ChargeStartDate": END,
        "ChargeEndDate": END,
        "ChargeType": "Cycle fee",
        "Quantity": 1,
        "Amount": Decimal("1.00"),
    }


def _invoice(campaign: Campaign, rows: list[Record]) -> Parcel:
    rng = random.Random(campaign.seed)  # noqa: S311 - it must repeat
    assert rows
    return wrap(rng, "billing", deliveries.DELIVERY_DAYS[-3], "one more", rows)


def test_a_second_run_changes_nothing(campaign: Campaign):
    """It finds the first one."""
    before = tree(campaign.root / "home")

    again = run_over(campaign.root)

    assert (again.path, again.is_new) == (campaign.run.path, False)
    assert tree(campaign.root / "home") == before
