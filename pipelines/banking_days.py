"""The days on which wires run."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

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
    return bool(_holidays(calendar).is_working_day(day))


def last_banking_day(on_or_before: date, calendar: str) -> date:
    """Return the last day on or before *on_or_before* on which wires run."""
    day = on_or_before
    while not is_banking_day(day, calendar):
        day -= timedelta(days=1)
    return day


def first_banking_day(on_or_after: date, calendar: str) -> date:
    """Return the first day on or after *on_or_after* on which wires run."""
    day = on_or_after
    while not is_banking_day(day, calendar):
        day += timedelta(days=1)
    return day


def next_banking_day(after: date, calendar: str) -> date:
    """Return the first banking day later than *after*."""
    return first_banking_day(after + timedelta(days=1), calendar)


def previous_banking_day(before: date, calendar: str) -> date:
    """Return the last banking day earlier than *before*."""
    return last_banking_day(before - timedelta(days=1), calendar)


def banking_days_before(day: date, count: int, calendar: str) -> date:
    """Return the banking day that lies *count* banking days before *day*.

    None before is *day* itself, or the last banking day before it.
    """
    found = last_banking_day(day, calendar)
    for _ in range(count):
        found = previous_banking_day(found, calendar)
    return found


def latest_execution_date(pay_by: date, calendar: str) -> date:
    """Return the last day on which a wire still meets *pay_by*.

    A bank moves a wire of a Saturday forward, to Monday: never ask for one.
    """
    return last_banking_day(pay_by, calendar)


def earliest_execution_date(
    today: date,
    after_cut_off: bool,
    calendar: str,
) -> date:
    """Return the first day on which the bank can execute what it gets *today*.

    After the bank's cut-off time, that is a later day.
    """
    if after_cut_off:
        return next_banking_day(today, calendar)
    return first_banking_day(today, calendar)


def days_left(today: date, pay_by: date) -> int:
    """Return the days from *today* to *pay_by*; negative once it has passed."""
    return (pay_by - today).days


def banking_days_left(today: date, pay_by: date, calendar: str) -> int:
    """Return on how many days from *today* to *pay_by* wires run, both included."""
    days = range(days_left(today, pay_by) + 1)
    return sum(is_banking_day(today + timedelta(days=day), calendar) for day in days)


@cache
def _holidays(calendar: str) -> Any:
    import holidays

    # Each year is worked out when it is first asked for, and kept.
    return holidays.financial_holidays(calendar)
