"""Whether a bank account can be paid to.

A reason never quotes the account: reasons end up in runs, reports and logs.
"""

from __future__ import annotations

import re

IBAN_FORM = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+")
BIC_FORM = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
ROUTING_NUMBER_FORM = re.compile(r"[0-9]{9}")


def account_problem(  # noqa: PLR0913 - one for each column that the rule reads
    *,
    beneficiary_name: str | None,
    town_name: str | None,
    country: str | None,
    iban: str | None = None,
    account_number: str | None = None,
    bic: str | None = None,
    routing_number: str | None = None,
) -> str | None:
    """Return why the account cannot be paid to; None if it can.

    Country is the beneficiary's, not the bank's.
    """
    needed = {
        "beneficiary name": beneficiary_name,
        "town": town_name,
        "country": country,
    }
    for what, value in needed.items():
        if not _given(value):
            return f"the {what} is missing"
    if _given(iban):
        return None if is_iban(_given(iban)) else "the IBAN does not check"
    if not _given(account_number):
        return "neither an IBAN nor an account number is given"
    return _bank_problem(_given(bic), _given(routing_number))


def _given(value: str | None) -> str:
    return (value or "").strip()


def _bank_problem(bic: str, routing_number: str) -> str | None:
    """Return why the bank of an account number cannot be told; None if it can."""
    if is_bic(bic) or is_routing_number(routing_number):
        return None
    if bic and routing_number:
        return "the BIC is not in form and the US routing number does not check"
    if bic:
        return "the BIC is not in form"
    if routing_number:
        return "the US routing number does not check"
    return "the account number has neither a BIC nor a US routing number"


def is_bic(text: str) -> bool:
    """Return whether *text* has the form of a BIC.

    >>> is_bic("DEUTDEFF"), is_bic("deutdeff")
    (True, False)
    """
    return bool(BIC_FORM.fullmatch(text))


def is_routing_number(text: str) -> bool:
    """Return whether *text* is a US routing number that checks.

    >>> is_routing_number("021000021"), is_routing_number("000000000")
    (True, False)
    """
    # The checksum of nine zeros is right, but there is no such bank.
    if not ROUTING_NUMBER_FORM.fullmatch(text) or not int(text):
        return False
    from stdnum.us import rtn

    return bool(rtn.is_valid(text))


def is_iban(text: str) -> bool:
    """Return whether *text* is an IBAN: its check digits and its country's length.

    What stands inside the national part is not looked at: banks renew those rules
    more often than any list of them.

    >>> is_iban("gb82 west 1234 5698 7654 32"), is_iban("GB82 WEST 1234 5698 7654 33")
    (True, False)
    """
    # Before the capitals: some foreign letters have A to Z as their capital.
    if not text.isascii():
        return False
    iban = text.replace(" ", "").upper()
    if not IBAN_FORM.fullmatch(iban) or len(iban) != iban_length(iban[:2]):
        return False
    from stdnum.iso7064 import mod_97_10

    return bool(mod_97_10.is_valid(iban[4:] + iban[:4]))


def iban_length(country: str) -> int | None:
    """Return the length of the IBANs of *country*; None if it has none.

    >>> iban_length("DE"), iban_length("US")
    (22, None)
    """
    from stdnum import numdb

    # The national part reads as 8!n10!n: eight digits, then ten digits.
    ((_, facts), *_) = numdb.get("iban").info(country)
    if not facts:
        return None
    return 4 + sum(int(length) for length in re.findall(r"(\d+)!", facts["bban"]))
