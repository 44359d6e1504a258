"""The days of the scheduled campaign, cheap enough to ask whenever a DAG is parsed."""

from __future__ import annotations

import datetime as dt
import os

from pipelines.campaign import known_campaigns, load_campaign
from pipelines.feeds import FEEDS
from pipelines.scheduling import deadline

CAMPAIGN = "d365-smb-2019"
FEED_NAMES = list(FEEDS)


def scheduled_campaign() -> str:
    """Return the campaign that the nights are of: a setting, or the shipped one."""
    return os.environ.get("CASHBACK_CAMPAIGN", CAMPAIGN)


def campaign_ids() -> list[str]:
    """Return the campaigns that can be paid: those shipped, and the scheduled one."""
    return sorted({*known_campaigns(), scheduled_campaign()})


def nights() -> tuple[dt.datetime, dt.datetime]:
    """Return the first and the last night: from the first day until the cut-off.

    Who begins in the middle of a campaign sets the first night.
    """
    campaign = load_campaign(scheduled_campaign())
    given = os.environ.get("CASHBACK_FIRST_NIGHT")
    first = dt.date.fromisoformat(given) if given else campaign.first_day
    last = campaign.cut_off_on
    return (
        dt.datetime(first.year, first.month, first.day, 2, tzinfo=dt.UTC),
        dt.datetime(last.year, last.month, last.day, 23, tzinfo=dt.UTC),
    )


def warning_times() -> list[dt.datetime]:
    """Return when to look whether a campaign's payments are on their way.

    The days of every campaign that can be chosen: when a DAG is read, none is chosen.
    Those that were over before the scheduled one began are past.
    """
    begins = load_campaign(scheduled_campaign()).first_day
    days = [day for name in campaign_ids() for day in deadline.warning_times(name)]
    return sorted({day for day in days if day.date() >= begins})
