"""The second engine reads terms and days by itself, and comes to the same."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from contextlib import nullcontext
from dataclasses import replace
from itertools import product
from string import ascii_uppercase

import pytest

from pipelines.bank_account import iban_length
from pipelines.banking_days import last_banking_day
from pipelines.campaign import load_campaign
from pipelines.second_reading import Refused, Terms
from pipelines.second_reading.banks import LENGTH_OF
from pipelines.second_reading.control import check
from pipelines.second_reading.recorded_terms import READINGS, terms_of
from pipelines.second_reading.text import split
from pipelines.second_reading.wire_days import pay_by

SHA256_OF_BYTES = hashlib.sha256(b"bytes").hexdigest().upper()


def test_recorded_terms_are_those_of_the_campaign():
    """What a manifest holds gives the terms that tests have written out by hand."""
    campaign = load_campaign("d365-smb-2019")

    found = terms_of(campaign.as_dict())

    assert found.families == set(campaign.families)
    assert found.clauses == {rule.id: rule.clause for rule in campaign.rules}
    assert replace(found, families=None, clauses={}) == Terms()


def test_changed_terms_are_read_too():
    """Each value from its own place."""
    changes = {
        "window.last_day": "2019-06-29",
        "seats.minimum": "16",
        "reward.amount_per_customer": "2500.50",
        "competencies.levels": "Gold",
        "payment.within_days": "60",
    }

    found = terms_of(load_campaign("d365-smb-2019", changes).as_dict())

    assert found.last_day == dt.date(2019, 6, 29)
    assert found.minimum_seats == 16
    assert str(found.reward) == "2500.50"
    assert found.levels == ("gold",)
    assert found.pay_within_days == 60


@pytest.mark.parametrize("place", READINGS, ids=".".join)
def test_a_reading_that_is_not_known_here_is_refused(place):
    """An answer under other terms would be none; so nobody is paid by it."""
    recorded = load_campaign("d365-smb-2019").as_dict()
    term = recorded
    for name in place:
        term = term[name]
    term["value"] = "another"

    with pytest.raises(Refused, match="unknown_reading") as refused:
        terms_of(recorded)

    assert f"{'.'.join(place)} is another" in str(refused.value)


def test_the_last_day_to_pay_is_that_of_the_banking_calendar():
    """On each day of thirty years, weekends and holidays are the same."""
    first = dt.date(2010, 1, 1)

    for offset in range(30 * 365):
        day = first + dt.timedelta(days=offset)
        assert pay_by(day, 0) == last_banking_day(day, "FED"), day


def test_every_country_has_one_length_of_iban():
    """The list written here and the registry's, which others keep up to date."""
    countries = ["".join(two) for two in product(ascii_uppercase, repeat=2)]

    assert {country: LENGTH_OF.get(country) for country in countries} == {
        country: iban_length(country) for country in countries
    }


def test_a_file_may_have_the_longest_of_names(tmp_path):
    """Then there is no room for a control file beside it, and so there is none."""
    path = tmp_path / ("x" * 251 + ".csv")
    path.write_bytes(b"bytes")

    check(path, b"bytes", [], None, comma=False)


def test_a_refusal_shows_no_cell():
    """What stands in the way may be the number of a bank account."""
    with pytest.raises(Refused) as refused:
        split("one.csv", 'MpnId,Iban\n"1000001" GB82WEST12345698765432\n')

    assert "GB82" not in str(refused.value)
    assert "one.csv: no line ends at character 21" in str(refused.value)


@pytest.mark.parametrize(
    ("promised", "is_kept"), [("0.01", True), ("0.02", True), ("0.00", False)]
)
def test_a_control_total_may_be_rounded_either_way(tmp_path, promised, is_kept):
    """Each amount, or their sum: what the pipeline accepts must not be refused here."""
    path = tmp_path / "one.csv"
    path.write_bytes(b"bytes")
    beside = {"total_for_customer": promised, "sha256": f" {SHA256_OF_BYTES} "}
    path.with_name("one.csv.control.json").write_text(json.dumps(beside))
    body = [["0.006"], ["0.006"], ["n/a"], []]

    with nullcontext() if is_kept else pytest.raises(Refused, match=r"0\.01 or 0\.02"):
        check(path, b"bytes", body, 0, comma=False)
