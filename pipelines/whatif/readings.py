"""The other readings of the terms: each one alone, priced in customers and dollars."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, get_args

from pipelines import campaign_readings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from pipelines.campaign import Campaign
    from pipelines.whatif.whatif import OtherTerms, WhatIf

# The settings that can be read in several ways, and all ways to read them.
READINGS: dict[str, Any] = {
    "seats.required_of": campaign_readings.RequiredOf,
    "seats.scope": campaign_readings.Scope,
    "seats.team_members": campaign_readings.TeamMembers,
    "seats.zero_amount": campaign_readings.ZeroAmount,
    "customer.identity": campaign_readings.Identity,
    "new_customer.partner_scope": campaign_readings.PartnerScope,
    "attribution": campaign_readings.Attribution,
    "minimum_payout.applies_to": campaign_readings.MinimumAppliesTo,
}


def other_readings(campaign: Campaign) -> list[tuple[str, str]]:
    """Return each setting with another way to read it than the campaign's."""
    terms = campaign.as_dict()
    found = []
    for key, readings in READINGS.items():
        used = terms
        for step in key.split("."):
            used = used[step]
        found += [
            (key, reading) for reading in get_args(readings) if reading != used["value"]
        ]
    return found + [("eligibility.second_date", str(day)) for day in _dates(campaign)]


def _dates(campaign: Campaign) -> list[date]:
    """Return the other days that can be "one month before the end" (T5).

    It is the same day of the month before, or the last one of it; where the campaign
    has such a date, and could have it on that day.
    """
    eligibility = campaign.terms.eligibility
    if eligibility.second_date is None:
        return []
    month_end = campaign.last_day.replace(day=1) - timedelta(days=1)
    same_day = month_end.replace(day=min(campaign.last_day.day, month_end.day))
    third = eligibility.third_date
    after = third.value if third else campaign.last_day + timedelta(days=1)
    return [
        day
        for day in sorted({same_day, month_end} - {eligibility.second_date.value})
        if max(eligibility.first_date.value, campaign.first_day) < day < after
    ]


def priced(terms: OtherTerms) -> Iterator[tuple[str, str, WhatIf]]:
    """Yield each other reading, alone, with what it would decide."""
    for key, reading in other_readings(terms.campaign):
        yield key, reading, terms.under({key: reading})
