"""The last day to pay: wires rest on weekends and on the Federal Reserve's holidays.

A holiday on a Sunday is kept on Monday; one on a Saturday is not moved.
"""

from datetime import date, timedelta

JUNETEENTH_SINCE = 2022
SATURDAY, SUNDAY = 5, 6
MONDAY, THURSDAY = 0, 3
FIXED = ((1, 1), (7, 4), (11, 11), (12, 25))
# Month, day of the week, which one in the month.
FLOATING = (
    (1, MONDAY, 3),
    (2, MONDAY, 3),
    (9, MONDAY, 1),
    (10, MONDAY, 2),
    (11, THURSDAY, 4),
)


def pay_by(last_day: date, within_days: int) -> date:
    """Return the last day with wires on or before *within_days* after *last_day*.

    >>> pay_by(date(2019, 6, 30), 90)
    datetime.date(2019, 9, 27)
    """
    day = last_day + timedelta(days=within_days)
    while day.weekday() >= SATURDAY or day in holidays(day.year):
        day -= timedelta(days=1)
    return day


def holidays(year: int) -> set[date]:
    """Return the days of *year* on which the Federal Reserve sends no wires."""
    fixed = [date(year, month, day) for month, day in FIXED]
    if year >= JUNETEENTH_SINCE:
        fixed.append(date(year, 6, 19))
    kept = {day + timedelta(days=day.weekday() == SUNDAY) for day in fixed}
    memorial_day = _nth(year, 6, MONDAY, 1) - timedelta(days=7)
    return kept | {memorial_day} | {_nth(year, *rule) for rule in FLOATING}


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))
