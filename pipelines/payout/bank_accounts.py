"""Find where to send money to: the newest bank account of each partner.

Accounts are read from ``landing/bank_accounts`` when a payment is prepared, and kept
nowhere else: runs know only whether an account is valid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.bank_account import account_problem, is_bic, is_routing_number
from pipelines.files import working_folder
from pipelines.payout.account_rows import (
    FEED,
    AccountRow,
    landed_bank_accounts,
    read_account_rows,
)
from pipelines.payout.bank_text import (
    MAX_ACCOUNT_NUMBER,
    MAX_NAME,
    MAX_TOWN,
    bank_text,
    is_bank_id,
)
from pipelines.payout.iso_codes import country_code
from pipelines.payout.payment import Beneficiary

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pipelines.landing import LandedFile

__all__ = ["BankAccounts", "landed_bank_accounts", "read_bank_accounts"]

RULE_FIELDS = (
    "beneficiary_name",
    "town_name",
    "country",
    "iban",
    "account_number",
    "bic",
    "routing_number",
)
# Where banks have US routing numbers: the United States and their territories.
DOLLAR_COUNTRIES = {"US", "AS", "GU", "MP", "PR", "VI"}


@dataclass(frozen=True)
class BankAccounts:
    """The newest account of each partner: one to pay to, or why it is none.

    No text of ``problems`` quotes an account. A partner that is in neither has no
    account at all.
    """

    delivered_on: dt.date | None
    beneficiaries: dict[str, Beneficiary]
    problems: dict[str, str]
    # The newest account's own date; None if it bears none.
    changed_on: dict[str, dt.date | None]


def read_bank_accounts(
    home: Path, files: Iterable[LandedFile], known_at: dt.date
) -> BankAccounts:
    """Return the newest accounts of the newest delivery of *files* at *known_at*.

    Raises:
        DataError: a file is not as it was received, or cannot be read.
    """
    in_force = _newest_delivery(files, known_at)
    newest: dict[str, AccountRow] = {}
    with working_folder(home) as work:
        for file in in_force:
            for row in read_account_rows(home, file, work):
                known = newest.get(row.partner_id, row)
                newest[row.partner_id] = max(known, row, key=lambda one: one.order)
    rows = sorted(newest.values(), key=lambda row: row.partner_id)
    problems = {row.partner_id: _problem(row.values) for row in rows}
    return BankAccounts(
        delivered_on=in_force[0].delivered_on if in_force else None,
        beneficiaries={
            row.partner_id: _beneficiary(row.values)
            for row in rows
            if problems[row.partner_id] is None
        },
        problems={partner: text for partner, text in problems.items() if text},
        changed_on={row.partner_id: row.changed_on for row in rows},
    )


def _newest_delivery(
    files: Iterable[LandedFile], known_at: dt.date
) -> list[LandedFile]:
    known = [
        file
        for file in files
        if file.feed == FEED.name and file.is_data and file.delivered_on <= known_at
    ]
    newest = max((file.delivered_on for file in known), default=None)
    return sorted(file for file in known if file.delivered_on == newest)


def _problem(values: Mapping[str, str | None]) -> str | None:
    """Return why nothing can be paid to an account; None if it can.

    First what a run asks of it, then what a payment file asks.
    """
    if problem := account_problem(**{field: values[field] for field in RULE_FIELDS}):
        return problem
    for what, field, most in (
        ("beneficiary name", "beneficiary_name", MAX_NAME),
        ("town", "town_name", MAX_TOWN),
    ):
        if not bank_text(values[field] or "", most):
            return f"the {what} has no letter that banks take"
    if not country_code(values["country"] or ""):
        return "the country is not known"
    number = values["account_number"] or ""
    if not values["iban"] and not is_bank_id(number, MAX_ACCOUNT_NUMBER):
        return "the account number is not one that banks take"
    return None


def _beneficiary(values: Mapping[str, str | None]) -> Beneficiary:
    """Return an account without problems as payments have it."""
    iban = (values["iban"] or "").replace(" ", "").upper()
    bic, routing_number = _bank(
        iban, values["bic"] or "", values["routing_number"] or ""
    )
    return Beneficiary(
        name=values["beneficiary_name"] or "",
        street_name=values["street_name"],
        building_number=values["building_number"],
        post_code=values["post_code"],
        town_name=values["town_name"] or "",
        country=country_code(values["country"] or "") or "",
        iban=iban or None,
        account_number=None if iban else values["account_number"],
        bic=bic,
        routing_number=routing_number,
        bank_name=values["bank_name"],
        bank_country=values["bank_country"],
    )


def _bank(iban: str, bic: str, routing_number: str) -> tuple[str | None, str | None]:
    """Return the BIC and the routing number that name one and the same bank.

    What is not in form is left out; so is a bank of another country than the IBAN,
    which names its own, or than the BIC: a wire could end at either.
    """
    given_bic = bic if is_bic(bic) else None
    if iban:
        return (given_bic if bic[4:6] == iban[:2] else None), None
    if not is_routing_number(routing_number) or (
        given_bic and given_bic[4:6] not in DOLLAR_COUNTRIES
    ):
        return given_bic, None
    return given_bic, routing_number
