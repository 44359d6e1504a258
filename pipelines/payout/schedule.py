"""When the bank is asked to pay, and whether that is too late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.banking_days import (
    earliest_execution_date,
    latest_execution_date,
    next_banking_day,
)

if TYPE_CHECKING:
    import datetime as dt

    from pipelines.clock import Moment


def execution_date(
    moment: Moment, pay_by: dt.date, calendar: str, lead: int
) -> dt.date:
    """Return when the bank is asked to pay: in time, if time there is.

    People get *lead* banking days to approve and release, but not past the last one.
    """
    earliest = _earliest(moment, calendar)
    latest = latest_execution_date(pay_by, calendar)
    if earliest >= latest:
        return earliest
    day = earliest
    for _ in range(lead):
        day = next_banking_day(day, calendar)
    return min(day, latest)


def paid_on(moment: Moment, ordered_for: dt.date, calendar: str) -> dt.date:
    """Return when a bank that gets the order now will pay.

    An order for a day that has passed is executed as soon as the bank can.
    """
    return max(ordered_for, _earliest(moment, calendar))


def _earliest(moment: Moment, calendar: str) -> dt.date:
    return earliest_execution_date(
        moment.today, after_cut_off=moment.is_after_cut_off, calendar=calendar
    )
