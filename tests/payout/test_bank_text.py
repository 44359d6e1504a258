"""Text as every bank takes it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.payout.bank_text import bank_text, is_bank_id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Contoso Ltd", "Contoso Ltd"),
        ("Müller & Söhne", "Muller + Sohne"),
        ("Łódź", "Lodz"),
        ("Straße", "Strasse"),
        ("Общество", "Obshchestvo"),
        ("北京科技", "Bei Jing Ke Ji"),
        ("Rocket 🚀 Ltd", "Rocket Ltd"),
        ("🚀", ""),
        ("...", ""),
        ("", ""),
        ("  two\t\n words  ", "two words"),
        ("“Best” [IT] {UK}", "'Best' (IT) (UK)"),
        ("me@example.com", "me(at)example.com"),
        ("a//b///c", "a/b/c"),
        ("-: /hidden syntax/", "hidden syntax"),
        ("evil\u202e\u200b\x07name", "evil name"),
    ],
)
def test_what_banks_do_not_take_becomes_what_they_take(
    text: str, expected: str
) -> None:
    """A name stays readable; an emoji is no part of a name."""
    assert bank_text(text, 140) == expected


@given(st.text(), st.integers(min_value=1, max_value=140))
def test_any_text_becomes_short_and_plain_and_stays_so(text: str, most: int) -> None:
    """Written twice, it is the same."""
    plain = bank_text(text, most)

    assert re.fullmatch(r"[A-Za-z0-9/\-?:().,'+ ]*", plain)
    assert len(plain) <= most
    assert "//" not in plain
    assert plain == plain.strip()
    assert bank_text(plain, most) == plain


def test_a_text_is_cut_at_its_length() -> None:
    """Towns of Wales exist."""
    town = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"

    assert bank_text(town, 35) == town[:35]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("4815162-BF5A2137E872CA681138", True),
        ("A" * 35, True),
        ("A" * 36, False),
        ("", False),
        ("a//b", False),
        ("/a", False),
        ("a/", False),
        (" a", False),
        ("a\n", False),
        ("nº 5", False),
        ("a_b", False),
        ("\u0661\u0662", False),
    ],
)
def test_an_id_is_taken_as_it_stands_or_not_at_all(text: str, *, is_one: bool) -> None:
    """An id that was changed on its way would name something else."""
    assert is_bank_id(text) is is_one
