"""The days on which wires run."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pipelines.errors import CampaignError

if TYPE_CHECKING:
    from datetime import date

# The calendars whose holidays were compared with what the system's operator
# publishes. Fedwire runs on the Friday before a holiday that falls on a Saturday,
# and rests on the Monday after one that falls on a Sunday.
CALENDARS = ("FED",)


def is_banking_day(day: date, calendar: str) -> bool:
    """Return whether wires run on *day*."""
    if calendar not in CALENDARS:
        raise CampaignError(
            f"the banking calendar {calendar!r} is not known; no run was started: "
            f"set payment.calendar to one of {', '.join(CALENDARS)}."
        )
    import holidays

    return bool(holidays.financial_holidays(calendar).is_working_day(day))


def last_banking_day(on_or_before: date, calendar: str) -> date:
    """Return the last day on or before *on_or_before* on which wires run."""
    day = on_or_before
    while not is_banking_day(day, calendar):
        day -= timedelta(days=1)
    return day
