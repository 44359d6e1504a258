"""The days on which wires run."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pipelines.banking_days import (
    banking_days_before,
    banking_days_left,
    days_left,
    earliest_execution_date,
    first_banking_day,
    is_banking_day,
    last_banking_day,
    latest_execution_date,
    next_banking_day,
    previous_banking_day,
)
from pipelines.errors import CampaignError


@pytest.mark.parametrize(
    ("on_or_before", "expected", "why"),
    [
        (date(2019, 9, 27), date(2019, 9, 27), "a Friday is a banking day itself"),
        (date(2019, 9, 28), date(2019, 9, 27), "a Saturday"),
        (date(2019, 9, 29), date(2019, 9, 27), "a Sunday"),
        (date(2019, 9, 2), date(2019, 8, 30), "Labor Day, after a weekend"),
        (date(2019, 10, 14), date(2019, 10, 11), "Columbus Day is a bank holiday"),
        (date(2018, 11, 12), date(2018, 11, 9), "Veterans Day fell on a Sunday"),
        (date(2019, 11, 29), date(2019, 11, 29), "the day after Thanksgiving runs"),
        (date(2019, 4, 19), date(2019, 4, 19), "Good Friday runs"),
        (date(2022, 6, 20), date(2022, 6, 17), "Juneteenth fell on a Sunday"),
        (date(2020, 6, 19), date(2020, 6, 19), "Juneteenth was no holiday yet"),
        (date(2023, 1, 2), date(2022, 12, 30), "New Year fell on a Sunday"),
        (date(2018, 12, 5), date(2018, 12, 5), "a national day of mourning runs"),
        (date(2019, 1, 1), date(2018, 12, 31), "New Year's Day, into the old year"),
    ],
)
def test_the_last_banking_day_is_never_later(
    on_or_before: date, expected: date, why: str
) -> None:
    """Banks move a Saturday forward, which would miss the deadline without a word."""
    assert last_banking_day(on_or_before, "FED") == expected, why


@pytest.mark.parametrize(
    "friday",
    [
        date(2015, 7, 3),
        date(2020, 7, 3),
        date(2021, 6, 18),
        date(2021, 12, 24),
        date(2021, 12, 31),
        date(2017, 11, 10),
        date(2026, 7, 3),
    ],
)
def test_wires_run_on_the_friday_before_a_holiday_on_a_saturday(friday: date) -> None:
    """Federal offices close on that Friday, the Federal Reserve does not."""
    assert is_banking_day(friday, "FED")
    assert not is_banking_day(friday + timedelta(days=1), "FED")
    assert last_banking_day(friday + timedelta(days=2), "FED") == friday


def test_a_year_of_wires_has_no_weekend_and_ten_holidays() -> None:
    """2019 has 261 weekdays, and ten holidays of the Federal Reserve on them."""
    days = [date(2019, 1, 1) + timedelta(days=number) for number in range(365)]
    banking = [day for day in days if is_banking_day(day, "FED")]

    assert len(banking) == 251
    assert all(day.weekday() < 5 for day in banking)


# The Federal Reserve's own list of the weekdays on which Fedwire rests.
FEDWIRE_RESTS = {
    2019: "01-01 01-21 02-18 05-27 07-04 09-02 10-14 11-11 11-28 12-25",
    2020: "01-01 01-20 02-17 05-25 09-07 10-12 11-11 11-26 12-25",
    2021: "01-01 01-18 02-15 05-31 07-05 09-06 10-11 11-11 11-25",
    2022: "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26",
    2023: "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-23 12-25",
    2024: "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
    2025: "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25",
    2026: "01-01 01-19 02-16 05-25 06-19 09-07 10-12 11-11 11-26 12-25",
}


@pytest.mark.parametrize("year", FEDWIRE_RESTS)
def test_wires_rest_on_weekends_and_on_the_published_holidays_alone(year: int) -> None:
    """Columbus Day and Veterans Day among them; Juneteenth from 2021 on."""
    every = [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
    weekdays = [day for day in every if day.year == year and day.weekday() < 5]

    rests = [f"{day:%m-%d}" for day in weekdays if not is_banking_day(day, "FED")]
    assert rests == FEDWIRE_RESTS[year].split()


def test_the_first_campaign_is_paid_on_a_friday_not_on_its_ninetieth_day() -> None:
    """2019-09-28 is a Saturday; the bank would wire on Monday, two days late."""
    assert latest_execution_date(date(2019, 9, 28), "FED") == date(2019, 9, 27)
    assert latest_execution_date(date(2019, 9, 27), "FED") == date(2019, 9, 27)


@pytest.mark.parametrize(
    ("today", "after_cut_off", "expected", "why"),
    [
        (date(2019, 9, 27), False, date(2019, 9, 27), "in time on a banking day"),
        (date(2019, 9, 27), True, date(2019, 9, 30), "a Friday too late is a Monday"),
        (date(2019, 9, 28), False, date(2019, 9, 30), "a Saturday waits for Monday"),
        (date(2019, 9, 28), True, date(2019, 9, 30), "whatever the hour"),
        (date(2019, 10, 11), True, date(2019, 10, 15), "over Columbus Day"),
        (date(2019, 11, 8), True, date(2019, 11, 12), "over Veterans Day"),
        (date(2022, 6, 17), True, date(2022, 6, 21), "over Juneteenth"),
        (date(2021, 6, 18), True, date(2021, 6, 21), "Juneteenth on a Saturday"),
        (date(2019, 12, 31), True, date(2020, 1, 2), "into the new year"),
    ],
)
def test_the_bank_executes_today_only_before_its_cut_off(
    today: date, after_cut_off: bool, expected: date, why: str
) -> None:
    """An execution date that has passed is moved by the bank without a word."""
    assert earliest_execution_date(today, after_cut_off, "FED") == expected, why


def test_one_banking_day_leads_to_the_next_and_back() -> None:
    """Over the weekend of Labor Day."""
    friday, tuesday = date(2019, 8, 30), date(2019, 9, 3)

    assert next_banking_day(friday, "FED") == tuesday
    assert previous_banking_day(tuesday, "FED") == friday
    assert first_banking_day(friday, "FED") == friday
    assert first_banking_day(date(2019, 8, 31), "FED") == tuesday


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, date(2019, 9, 27)),
        (1, date(2019, 9, 26)),
        (5, date(2019, 9, 20)),
        (17, date(2019, 9, 4)),
        (18, date(2019, 9, 3)),
        (19, date(2019, 8, 30)),
    ],
)
def test_banking_days_before_the_deadline_step_over_weekends_and_holidays(
    count: int, expected: date
) -> None:
    """Counted from the Saturday, whose last banking day is the Friday."""
    assert banking_days_before(date(2019, 9, 28), count, "FED") == expected
    assert banking_days_left(expected, date(2019, 9, 28), "FED") == count + 1


def test_days_left_count_down_and_go_on_below_nothing() -> None:
    """On the last day none is left; a day later one is missing."""
    deadline = date(2019, 9, 27)

    assert [days_left(date(2019, 9, day), deadline) for day in (20, 27, 28)] == [
        7,
        0,
        -1,
    ]
    assert banking_days_left(date(2019, 9, 28), deadline, "FED") == 0


@pytest.mark.parametrize("calendar", ["MOON", "fed", "", "NYSE"])
def test_an_unknown_calendar_is_refused(calendar: str) -> None:
    """A guess at a calendar could move a payment past its deadline."""
    with pytest.raises(CampaignError) as refused:
        last_banking_day(date(2019, 9, 28), calendar)

    assert str(refused.value) == (
        f"the banking calendar {calendar!r} is not known; no run was started: "
        "set payment.calendar to one of FED."
    )
