"""The alarm before a campaign's last day to pay: unless the ledger says released."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import structlog

from pipelines.banking_days import banking_days_before, banking_days_left
from pipelines.campaign import load_campaign
from pipelines.ledger.ledger import Ledger
from pipelines.money import shown
from pipelines.payout.states import list_payouts

if TYPE_CHECKING:
    from pipelines.scheduling.surroundings import Surroundings

log = structlog.get_logger(__name__)

# Banking days before the last day to pay.
WARN_BEFORE = (10, 5, 1)
# Being late is no reason to fall silent at once.
WARN_DAYS_AFTER = 30


def warning_times(campaign_id: str) -> list[dt.datetime]:
    """Return when to look whether a campaign's payments are on their way."""
    campaign = load_campaign(campaign_id)
    days = [
        banking_days_before(campaign.pay_by_on, count, campaign.payment_calendar)
        for count in WARN_BEFORE
    ]
    return [dt.datetime(d.year, d.month, d.day, 9, tzinfo=dt.UTC) for d in days]


def warning(place: Surroundings, today: dt.date) -> str | None:
    """Return what is still to be done, if the last day to pay is near or just past."""
    campaign = load_campaign(place.campaign)
    first = banking_days_before(
        campaign.pay_by_on, max(WARN_BEFORE), campaign.payment_calendar
    )
    last = campaign.pay_by_on + dt.timedelta(days=WARN_DAYS_AFTER)
    return unreleased(place, today) if first <= today <= last else None


def unreleased(place: Surroundings, today: dt.date) -> str | None:
    """Return what is still to be done before the last day to pay; None if nothing.

    A batch that waits, one whose release broke off, and money that is owed again.
    """
    campaign = load_campaign(place.campaign)
    ledger = Ledger.open(place.home, place.settings().ledger_address)
    with ledger.reading() as book:
        listing = list_payouts(book, today)
        owed = sum(
            row["owed_cents"]
            for row in book.rows(
                "select owed_cents from partner_balances "
                "where campaign_id = :campaign_id and owed_cents > 0",
                campaign_id=campaign.campaign_id,
            )
        )
    mine = [b for b in listing.batches if b["campaign_id"] == campaign.campaign_id]
    todo = [
        f"batch {b['batch_id']} is {b['state']}, and not with the bank"
        for b in mine
        if b["state"] in {"prepared", "approved"} or b["is_sent"] is False
    ]
    if owed:
        todo.append(f"{shown(owed)} {campaign.currency} are owed and not ordered")
    if not mine:
        todo.append("no batch was prepared yet")
    if not todo:
        return None
    left = banking_days_left(today, campaign.pay_by_on, campaign.payment_calendar)
    what = ", ".join(todo)
    return (
        f"campaign {campaign.campaign_id} is to be paid by {campaign.pay_by_on}, "
        f"{left} banking days from {today}: {what}. See `cashback payout list`."
    )


def warn_unless_released(context: Any = None, **_: Any) -> None:
    """Log an error, for whoever watches the scheduler, unless all is on its way."""
    from pipelines.scheduling.surroundings import surroundings

    place = surroundings()
    if text := unreleased(place, place.moment().today):
        log.error("payment_deadline", message=text)
