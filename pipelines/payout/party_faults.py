"""What keeps money from reaching a party: its name, its place, its account.

No fault quotes an account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.bank_account import is_bic, is_iban, is_routing_number
from pipelines.payout.bank_text import (
    MAX_ACCOUNT_NUMBER,
    MAX_NAME,
    MAX_TOWN,
    is_bank_id,
)
from pipelines.payout.iso_codes import is_country

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.payout.pain001_reading import ReadParty


def party_faults(party: ReadParty) -> Iterator[str]:
    """Yield what is missing or wrong of a payer or a beneficiary."""
    yield from _place_faults(party)
    yield from _account_faults(party)
    if party.bic and not is_bic(party.bic):
        yield "the BIC is not in form"
    if party.clearing_member_id and not is_routing_number(party.clearing_member_id):
        yield "the US routing number does not check"


def _place_faults(party: ReadParty) -> Iterator[str]:
    if not party.name:
        yield "the name is missing"
    if len(party.name) > MAX_NAME:
        yield f"the name has more than {MAX_NAME} characters"
    if not party.town_name:
        yield "the town is missing"
    if len(party.town_name) > MAX_TOWN:
        yield f"the town has more than {MAX_TOWN} characters"
    if not party.country:
        yield "the country is missing"
    elif not is_country(party.country):
        yield f"the country {party.country!r} is not known"


def _account_faults(party: ReadParty) -> Iterator[str]:
    if party.iban:
        if not is_iban(party.iban) or party.iban != party.iban.replace(" ", "").upper():
            yield "the IBAN does not check"
        return
    if not party.account_number:
        yield "neither an IBAN nor an account number is given"
        return
    if not is_bank_id(party.account_number, MAX_ACCOUNT_NUMBER):
        yield "the account number is not one that banks take"
    if not party.bic and not party.clearing_member_id:
        yield "the account number has neither a BIC nor a US routing number"
