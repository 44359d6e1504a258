"""The alarm before a campaign's last day to pay: unless the ledger says released."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from pipelines.banking_days import banking_days_before, banking_days_left
from pipelines.campaign import known_campaigns, load_campaign
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
# On which days banks pay; batches do not say which they were planned by.
CALENDAR = "FED"


def warning_times(campaign_id: str) -> list[dt.datetime]:
    """Return when to look whether a campaign's payments are on their way."""
    campaign = load_campaign(campaign_id)
    days = [
        banking_days_before(campaign.pay_by_on, count, campaign.payment_calendar)
        for count in WARN_BEFORE
    ]
    return [dt.datetime(d.year, d.month, d.day, 9, tzinfo=dt.UTC) for d in days]


def warnings(place: Surroundings, today: dt.date) -> list[str]:
    """Return what is still to be done where the last day to pay is near or just past.

    Of the place's campaign, of each that was ever decided in its home, and of each that
    a batch was ever prepared for: batches that wait, one whose release broke off, and
    money that is owed again.
    """
    ledger = Ledger.open(place.home, place.settings().ledger_address)
    with ledger.reading() as book:
        batches = list_payouts(book, today).batches
        owed = {
            row["campaign_id"]: row["owed_cents"]
            for row in book.rows(
                "select campaign_id, sum(owed_cents) as owed_cents "
                "from partner_balances where owed_cents > 0 group by campaign_id"
            )
        }
    loaded = [_due(name) for name in _named(place)]
    known = {due.campaign_id: due for due in loaded} | {
        batch["campaign_id"]: _Due(
            batch["campaign_id"],
            dt.date.fromisoformat(batch["pay_by"]),
            batch["currency"],
        )
        for batch in batches
    }
    return [
        text
        for campaign_id, due in sorted(known.items())
        if due.is_near(today)
        and (text := _unreleased(due, batches, owed.get(campaign_id, 0), today))
    ]


async def warn_unless_released(context: Any = None, **_: Any) -> None:
    """Log an error, for whoever watches the scheduler, unless all is on its way.

    Run by Airflow's triggerer: nothing else of it may read connections when a deadline
    passes. *context* has the run whose time is up, and what was chosen for it.
    """
    started_with = ((context or {}).get("dag_run") or {}).get("conf") or {}
    await asyncio.to_thread(_warn, started_with.get("campaign"))


def _warn(chosen: str | None) -> None:
    from pipelines.scheduling.surroundings import surroundings

    place = surroundings(chosen)
    found = warnings(place, place.moment().today)
    for text in found:
        log.error("payment_deadline", message=f"{text}. See `cashback payout list`.")
    log.info("payment_deadline_looked_at", campaign=place.campaign, warnings=len(found))


@dataclass(frozen=True)
class _Due:
    """A campaign, and the last day to pay it."""

    campaign_id: str
    pay_by: dt.date
    currency: str

    def is_near(self, today: dt.date) -> bool:
        first = banking_days_before(self.pay_by, max(WARN_BEFORE), CALENDAR)
        return first <= today <= self.pay_by + dt.timedelta(days=WARN_DAYS_AFTER)


def _named(place: Surroundings) -> list[str]:
    """Return the campaigns that are known by name: the place's, and those decided."""
    runs = place.home / "runs"
    decided = [name for name in known_campaigns() if (runs / name).is_dir()]
    return [place.campaign, *decided]


def _due(name: str) -> _Due:
    campaign = load_campaign(name)
    return _Due(campaign.campaign_id, campaign.pay_by_on, campaign.currency)


def _unreleased(
    due: _Due, batches: list[dict[str, Any]], owed_cents: int, today: dt.date
) -> str | None:
    """Return what is still to be done for one campaign; None if nothing."""
    mine = [b for b in batches if b["campaign_id"] == due.campaign_id]
    todo = [
        f"batch {b['batch_id']} is {b['state']}, and not with the bank"
        for b in mine
        if b["state"] in {"prepared", "approved"} or b["is_sent"] is False
    ]
    if owed_cents:
        todo.append(f"{shown(owed_cents)} {due.currency} are owed and not ordered")
    if not mine:
        todo.append("no batch was prepared yet")
    if not todo:
        return None
    left = banking_days_left(today, due.pay_by, CALENDAR)
    return (
        f"campaign {due.campaign_id} is to be paid by {due.pay_by}, {left} banking "
        f"days from {today}: {', '.join(todo)}"
    )
