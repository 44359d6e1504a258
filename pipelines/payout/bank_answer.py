"""What a bank says about one payment, and the words that it says it with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal


class Status(StrEnum):
    """What an answer means to us. Only ``settled`` says that money has moved."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SETTLED = "settled"
    RETURNED = "returned"
    PENDING = "pending"
    UNKNOWN = "unknown"


# The external codes of ISO 20022 that mean one thing only. Any other is unknown:
# a person looks at it, and nothing is paid or owed because of it.
STATUSES = {
    "ACTC": Status.ACCEPTED,  # in form
    "ACCP": Status.ACCEPTED,  # in form, and this customer may
    "ACFC": Status.ACCEPTED,  # the funds are there, too
    "ACSP": Status.ACCEPTED,  # on its way to be executed
    "ACWC": Status.ACCEPTED,  # with a change
    "ACSC": Status.SETTLED,  # the payer's account is debited
    "ACCC": Status.SETTLED,  # the beneficiary's account is credited
    "PDNG": Status.PENDING,
    "RCVD": Status.PENDING,
    "PATC": Status.PENDING,  # more signatures are to come
    "RJCT": Status.REJECTED,
}
MAX_REASON = 500
IBANS = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{1,4}){3,8}\b")
# Digits in groups, as other accounts are written; a date is none.
NUMBERS = re.compile(r"[A-Z]{0,4}\d[0-9A-Z]*(?:[ -]?\d[0-9A-Z]*)*", re.IGNORECASE)
DATES = re.compile(r"\d{4}-\d{2}-\d{2}")
MOST_DIGITS = 5
HIDDEN = "[number]"


@dataclass(frozen=True, kw_only=True)
class BankAnswer:
    """One statement of the bank about one payment, or about a whole message.

    Without an end-to-end id it is about every payment of the original message that
    the same file does not name.
    """

    end_to_end_id: str | None
    original_message_id: str | None
    status: Status
    reason_code: str | None = None
    reason: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    booked_on: dt.date | None = None
    # The bank's message: its kind and its id.
    source: str


def status_of(code: str | None) -> Status:
    """Return what a status code means; ``unknown`` for one that is not listed.

    >>> status_of("ACSP").value, status_of("XXXX").value, status_of(None).value
    ('accepted', 'unknown', 'unknown')
    """
    return STATUSES.get(code or "", Status.UNKNOWN)


def without_numbers(text: str) -> str:
    """Return a bank's own words without the account numbers that they may quote.

    >>> without_numbers("Account GB82 WEST 1234 5698 7654 32 closed on 2019-09-27")
    'Account [number] closed on 2019-09-27'
    """

    def hidden(found: re.Match[str]) -> str:
        number = found[0]
        digits = sum(character.isdigit() for character in number)
        return number if digits <= MOST_DIGITS or DATES.fullmatch(number) else HIDDEN

    printable = "".join(c if c.isprintable() else " " for c in text)
    words = IBANS.sub(HIDDEN, " ".join(printable.split()))
    return NUMBERS.sub(hidden, words)[:MAX_REASON]
