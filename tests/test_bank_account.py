"""Which bank accounts can be paid to."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.bank_account import account_problem, iban_length, is_bic, is_iban

IBAN = "GB82WEST12345698765432"
WHO = {"beneficiary_name": "Contoso Ltd", "town_name": "Leeds", "country": "GB"}


@pytest.mark.parametrize(
    "account",
    [
        pytest.param({"iban": IBAN}, id="an IBAN"),
        pytest.param({"iban": "gb82 west 1234 5698 7654 32"}, id="in any form"),
        pytest.param({"iban": f"  {IBAN} "}, id="not yet trimmed"),
        pytest.param(
            {"iban": IBAN, "bic": "no", "routing_number": "no"},
            id="an IBAN, whatever else is there",
        ),
        pytest.param({"account_number": "123", "bic": "DEUTDEFF"}, id="a short BIC"),
        pytest.param({"account_number": "123", "bic": "DEUTDEFF500"}, id="a long BIC"),
        pytest.param({"account_number": "123", "bic": " DEUTDEFF "}, id="untrimmed"),
        pytest.param(
            {"account_number": "123", "routing_number": "021000021"},
            id="a US routing number",
        ),
        pytest.param(
            {"account_number": "1", "bic": "no", "routing_number": "021000021"},
            id="one of two that checks",
        ),
        pytest.param(
            {"iban": " ", "account_number": "123", "bic": "DEUTDEFF"},
            id="a blank IBAN is none",
        ),
    ],
)
def test_a_valid_account_has_no_problem(account: dict[str, str]) -> None:
    """Every way in which an account may be given."""
    assert account_problem(**WHO, **account) is None


@pytest.mark.parametrize(
    ("account", "problem"),
    [
        pytest.param(
            {},
            "neither an IBAN nor an account number is given",
            id="nothing",
        ),
        pytest.param(
            {"bic": "DEUTDEFF"},
            "neither an IBAN nor an account number is given",
            id="a bank without an account",
        ),
        pytest.param(
            {"iban": "GB82WEST12345698765433"},
            "the IBAN does not check",
            id="a wrong digit",
        ),
        pytest.param(
            {"iban": "GB", "account_number": "123", "bic": "DEUTDEFF"},
            "the IBAN does not check",
            id="a wrong IBAN is not cured by an account number",
        ),
        pytest.param(
            {"account_number": "123"},
            "the account number has neither a BIC nor a US routing number",
            id="an account without a bank",
        ),
        pytest.param(
            {"account_number": "123", "bic": "deutdeff"},
            "the BIC is not in form",
            id="a BIC in lower case",
        ),
        pytest.param(
            {"account_number": "123", "routing_number": "021000022"},
            "the US routing number does not check",
            id="a wrong routing number",
        ),
        pytest.param(
            {"account_number": "123", "routing_number": "000000000"},
            "the US routing number does not check",
            id="nine zeros, whose checksum is right",
        ),
        pytest.param(
            {"account_number": "123", "routing_number": "0210-00021"},
            "the US routing number does not check",
            id="a routing number with a hyphen",
        ),
        pytest.param(
            {"account_number": "123", "routing_number": "21000021"},
            "the US routing number does not check",
            id="a routing number that lost its zero",
        ),
        pytest.param(
            {"account_number": "123", "bic": "DEUT", "routing_number": "1"},
            "the BIC is not in form and the US routing number does not check",
            id="neither checks",
        ),
    ],
)
def test_an_account_that_cannot_be_paid_to_has_one_reason(
    account: dict[str, str], problem: str
) -> None:
    """The reason is shown to people who must not see the account."""
    assert account_problem(**WHO, **account) == problem
    assert not re.search(r"\d", problem)


@pytest.mark.parametrize("blank", ["", "  ", None])
@pytest.mark.parametrize(
    ("column", "what"),
    [
        ("beneficiary_name", "beneficiary name"),
        ("town_name", "town"),
        ("country", "country"),
    ],
)
def test_a_beneficiary_without_name_town_or_country_cannot_be_paid(
    column: str, what: str, blank: str | None
) -> None:
    """A structured address needs them."""
    who: dict[str, str | None] = {**WHO, column: blank}

    problem = account_problem(
        beneficiary_name=who["beneficiary_name"],
        town_name=who["town_name"],
        country=who["country"],
        iban=IBAN,
    )
    assert problem == f"the {what} is missing"


# IBANs of banks' own documentation, short and long, with letters and without.
EXAMPLES = [
    "NO9386011117947",
    "BE68539007547034",
    "DE89370400440532013000",
    "FR1420041010050500013M02606",
    "MT84MALT011000012345MTLCAST001S",
    "LC55HEMM000100010012001200023015",
    "XK051212012345678906",
]


@pytest.mark.parametrize("iban", EXAMPLES)
def test_an_iban_of_any_country_checks(iban: str) -> None:
    """From 15 characters to 32."""
    assert is_iban(iban)
    assert is_iban(iban.lower())


@pytest.mark.parametrize(
    ("iban", "why"),
    [
        ("US64SVBKUS6S3300958879", "the right check digits, but no such IBANs"),
        ("ZZ82WEST12345698765432", "no such country"),
        ("DE8937040044053201300", "one character less"),
        ("DE893704004405320130000", "one character more"),
        ("GB82-WEST-1234-5698-7654-32", "hyphens"),
        ("GB82\tWEST12345698765432", "a tab inside"),
        ("GB82\u00a0WEST12345698765432", "a space that is none"),
        ("GB82WE\u017fT12345698765432", "a letter whose capital is S"),
        ("GB\u0668\u0662WEST12345698765432", "digits of another script"),
        ("G", "hardly anything"),
        ("IBAN" + IBAN, "a word in front"),
    ],
)
def test_what_is_no_iban_does_not_check(iban: str, why: str) -> None:
    """Only mod 97 and the length decide, on A to Z and 0 to 9."""
    assert not is_iban(iban), why


def test_the_national_part_of_an_iban_is_not_looked_at() -> None:
    """Letters where Germany has digits, with check digits that are right."""
    bban = "ABCD00000000000000"
    check = next(
        f"{number:02}" for number in range(2, 99) if is_iban(f"DE{number:02}{bban}")
    )

    assert is_iban(f"DE{check}{bban}")


@given(
    st.sampled_from(EXAMPLES),
    st.integers(min_value=4, max_value=14),
    st.integers(min_value=1, max_value=9),
)
def test_one_wrong_digit_never_checks(iban: str, place: int, step: int) -> None:
    """That is what check digits are for."""
    if not iban[place].isdigit():
        return
    wrong = str((int(iban[place]) + step) % 10)

    assert not is_iban(iban[:place] + wrong + iban[place + 1 :])


@given(st.text())
def test_no_text_whatever_breaks_the_check(text: str) -> None:
    """Any text is an answer, never a traceback, and never quoted."""
    problem = account_problem(
        **WHO, iban=text, account_number=text, bic=text, routing_number=text
    )

    assert problem is None or not re.search(r"\d", problem)
    assert problem is not None or is_iban(text.strip())


@pytest.mark.parametrize(
    "bic", ["DEUTDEFF\n", "DEUTDEFF50", "1EUTDEFF", "DEUTD3FF", "DEUTDEFF5000", ""]
)
def test_a_bic_out_of_form_is_none(bic: str) -> None:
    """Eight characters or eleven; the first six are letters."""
    assert not is_bic(bic)


def test_lengths_come_from_the_registry() -> None:
    """The shortest, the longest and one that has no IBAN."""
    assert [iban_length(country) for country in ("NO", "RU", "US")] == [15, 33, None]
