"""The days on which wires run."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pipelines.banking_days import is_banking_day, last_banking_day
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


@pytest.mark.parametrize("calendar", ["MOON", "fed", "", "NYSE"])
def test_an_unknown_calendar_is_refused(calendar: str) -> None:
    """A guess at a calendar could move a payment past its deadline."""
    with pytest.raises(CampaignError) as refused:
        last_banking_day(date(2019, 9, 28), calendar)

    assert str(refused.value) == (
        f"the banking calendar {calendar!r} is not known; no run was started: "
        "set payment.calendar to one of FED."
    )
