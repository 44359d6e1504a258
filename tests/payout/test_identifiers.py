"""The names that payments have at the bank."""

from __future__ import annotations

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.payout.bank_text import is_bank_id
from pipelines.payout.identifiers import end_to_end_id, message_id, uetr

words = st.text(max_size=60)


@given(words, words, words)
def test_ids_fit_banks_whatever_they_are_made_from(
    campaign_id: str, batch_key: str, partner_id: str
) -> None:
    """A partner id is any text; an id of a bank is not."""
    ids = (
        message_id(campaign_id, batch_key),
        end_to_end_id(campaign_id, batch_key, partner_id),
    )

    assert all(is_bank_id(name) and len(name) <= 35 for name in ids)
    assert ids[0] == message_id(campaign_id, batch_key)
    assert ids[1] == end_to_end_id(campaign_id, batch_key, partner_id)


@given(words, words, words)
def test_a_uetr_is_a_lower_case_uuid_of_version_4(
    campaign_id: str, batch_key: str, partner_id: str
) -> None:
    """Networks refuse any other."""
    reference = uetr(campaign_id, batch_key, partner_id)
    parsed = uuid.UUID(reference)

    assert (parsed.version, parsed.variant) == (4, uuid.RFC_4122)
    assert reference == str(parsed)
    assert reference == uetr(campaign_id, batch_key, partner_id)


@pytest.mark.parametrize("make", [end_to_end_id, uetr])
def test_another_campaign_batch_or_partner_has_another_id(make) -> None:
    """Words that run together do not meet in one id."""
    keys = [
        ("a", "b", "c"),
        ("ab", "", "c"),
        ("a", "", "bc"),
        ("", "ab", "c"),
        ("a", "b", "C"),
        ("a", "c", "b"),
        ('a", "b', "", "c"),
    ]

    assert len({make(*key) for key in keys}) == len(keys)


def test_a_payment_of_a_later_batch_has_another_id_than_its_first() -> None:
    """What was rejected is paid again under a new name, or the bank refuses it."""
    first = {end_to_end_id("c", "1", "p"), message_id("c", "1"), uetr("c", "1", "p")}
    second = {end_to_end_id("c", "2", "p"), message_id("c", "2"), uetr("c", "2", "p")}

    assert not first & second


def test_ten_thousand_payments_have_ten_thousand_ids() -> None:
    """Partner ids that differ in case or signs alone among them."""
    partners = [str(number) for number in range(9_998)] + ["ab", "a b"]

    assert len({end_to_end_id("c", "1", partner) for partner in partners}) == 10_000


def test_an_id_starts_with_what_people_know() -> None:
    """The partner's own number is on its statement."""
    assert re.fullmatch(r"4815162-[0-9A-F]{20}", end_to_end_id("c", "1", "4815162"))
    assert message_id("d365-smb-2019", "1").startswith("D365SMB2019-")
    assert end_to_end_id("c", "1", "№").startswith("X-")
