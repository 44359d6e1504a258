"""When what is delivered: the days of a made-up campaign's feeds."""

from __future__ import annotations

import calendar
import datetime as dt
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.campaign import Campaign

DAY = dt.timedelta(days=1)
# Invoices reach back so far before the campaign that old customers show.
MONTHS_BEFORE = 6
INVOICE_DAY = 8
USAGE_DELAY = 3 * DAY
CORRECTION_DELAY = 19 * DAY
# The first counts of the season arrive together, in one file.
FIRST_SNAPSHOTS = 3


@functools.cache
def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day of another month, or that month's last.

    >>> add_months(dt.date(2019, 1, 31), 1), add_months(dt.date(2019, 1, 5), -1)
    (datetime.date(2019, 2, 28), datetime.date(2018, 12, 5))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def month_end(day: dt.date) -> dt.date:
    """Return the last day of a day's month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


@dataclass(frozen=True)
class UsageDelivery:
    """One delivery of assigned licences, and the days that it counts."""

    delivered_on: dt.date
    snapshots: tuple[dt.date, ...]
    # The measured day is counted twice: a first count, later corrected as a whole.
    is_first_count: bool = False
    is_final_count: bool = False


@dataclass(frozen=True)
class Timetable:
    """The days on which the feeds of one campaign are delivered.

    ``months`` are the months that are billed, by their first days; the invoices of
    each arrive on the day of ``invoiced_on`` at the same place.
    """

    first_day: dt.date
    last_day: dt.date
    cut_off_on: dt.date
    months: tuple[dt.date, ...]
    invoiced_on: tuple[dt.date, ...]
    usage: tuple[UsageDelivery, ...]
    # The five full snapshots: before much is known, after the end, at the cut-off.
    snapshots_on: tuple[dt.date, dt.date, dt.date]

    @classmethod
    def of(cls, campaign: Campaign) -> Timetable:
        """Return the timetable that fits the campaign's days."""
        first, last, cut_off = (
            campaign.first_day,
            campaign.last_day,
            campaign.cut_off_on,
        )
        begin = add_months(first.replace(day=1), -MONTHS_BEFORE)
        count = (cut_off.year - begin.year) * 12 + cut_off.month - begin.month + 1
        months = tuple(add_months(begin, month) for month in range(count))
        invoiced = tuple(
            add_months(month, 1).replace(day=INVOICE_DAY) for month in months
        )
        end = last + 8 * DAY
        snapshots = (min(first + 7 * DAY, last), end, max(cut_off, end + DAY))
        usage = _usage_deliveries(first, last, cut_off)
        return cls(first, last, cut_off, months, invoiced, usage, snapshots)

    @property
    def first_billed(self) -> dt.date:
        """The first day of which an invoice is delivered."""
        return self.months[0]

    @property
    def last_billed(self) -> dt.date:
        """The last day of the last month that is billed."""
        return month_end(self.months[-1])

    def month_of(self, day: dt.date) -> int:
        """Return the place of a day's month in ``months``, or the nearest one."""
        begin = self.months[0]
        place = (day.year - begin.year) * 12 + day.month - begin.month
        return min(max(place, 0), len(self.months) - 1)

    @property
    def restated(self) -> dict[int, dt.date]:
        """Months of which one invoice is delivered again, and when."""
        early = self.month_of(self.first_day)
        late = self.month_of(self.last_day)
        again = max(self.cut_off_on, self.invoiced_on[late] + 7 * DAY)
        if early == late:
            return {late: again}
        return {early: self.invoiced_on[early + 1], late: again}


def _usage_deliveries(
    first: dt.date, last: dt.date, cut_off: dt.date
) -> tuple[UsageDelivery, ...]:
    ends, day = set(), month_end(first)
    while day < cut_off:
        ends.add(day)
        day = month_end(day + DAY)
    before = sorted(day for day in ends if day < last)
    after = sorted(day for day in ends if day > last)
    groups = [tuple(before[:FIRST_SNAPSHOTS])] if before else []
    groups += [(day,) for day in before[FIRST_SNAPSHOTS:]]
    regular = [UsageDelivery(group[-1] + USAGE_DELAY, group) for group in groups]
    counts = [
        UsageDelivery(last + USAGE_DELAY, (last,), is_first_count=True),
        UsageDelivery(last + CORRECTION_DELAY, (last,), is_final_count=True),
    ]
    # Later days come last, so that a fault in them comes after every count.
    later = [
        UsageDelivery(max(day + USAGE_DELAY, last + CORRECTION_DELAY + DAY), (day,))
        for day in after
    ]
    return (*regular, *counts, *_on_days_of_their_own(later))


def _on_days_of_their_own(deliveries: list[UsageDelivery]) -> list[UsageDelivery]:
    found: dict[dt.date, UsageDelivery] = {}
    for delivery in deliveries:
        same = found.get(delivery.delivered_on)
        days = (*same.snapshots, *delivery.snapshots) if same else delivery.snapshots
        found[delivery.delivered_on] = UsageDelivery(delivery.delivered_on, days)
    return list(found.values())
