"""An entry of the ledger: what happened, and the hash that ties it to the one before.

May import the standard library alone.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pipelines.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST_PREVIOUS_HASH = "0" * 64
NAME_CHARACTERS = 70


class Kind(StrEnum):
    """What an entry records."""

    EARN = "earn"  # a run owes a partner more than was recorded so far
    ADJUST = "adjust"  # a run owes a partner less than was recorded so far
    NET = "net"  # what was paid for lost customers now pays for new ones
    PREPARE = "prepare"  # a batch and its file; its payments follow
    INSTRUCT = "instruct"  # one payment of a batch
    APPROVE = "approve"  # another person allows the file of a batch
    RELEASE = "release"  # the file of a batch is on its way, from now on for good
    PLACE = "place"  # it is at the destination, about to get its name
    CONFIRM = "confirm"  # it is at the destination, under its name
    ACCEPT = "accept"  # the bank takes a payment on
    REJECT = "reject"  # the bank refuses a payment, or we withdraw it: owed again
    SETTLE = "settle"  # the bank has booked a payment
    RETURN = "return"  # the money of a payment came back: owed again
    REPAY = "repay"  # an overpaid partner gave money back by hand
    IMPORT = "import"  # a file of the bank was read


@dataclass(frozen=True, kw_only=True)
class NewEntry:
    """What is to be recorded. Amounts are whole cents.

    ``customers`` tells which part of the amount is for which customer.
    """

    kind: Kind
    who: str
    campaign_id: str | None = None
    batch_id: str | None = None
    message_id: str | None = None
    partner_id: str | None = None
    end_to_end_id: str | None = None
    uetr: str | None = None
    amount_cents: int | None = None
    currency: str | None = None
    payments: int | None = None
    file_sha256: str | None = None
    run_id: str | None = None
    reason: str | None = None
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    customers: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Entry:
    """What was recorded, with its place in the chain."""

    sequence: int
    previous_hash: str
    recorded_at: str
    content: NewEntry

    @property
    def text(self) -> str:
        """All that the entry says, and the hash before it, as one line of JSON.

        What is not there is left out, so that a column added later changes nothing.
        """
        body = {
            "sequence": self.sequence,
            "previous_hash": self.previous_hash,
            "recorded_at": self.recorded_at,
            **_given(self.content),
        }
        return compact_json(body)

    @property
    def hash(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def _given(content: NewEntry) -> dict[str, Any]:
    values = {item.name: getattr(content, item.name) for item in fields(content)}
    values["facts"] = dict(content.facts) or None
    values["customers"] = dict(content.customers) or None
    return {name: value for name, value in values.items() if value is not None}


def compact_json(value: Any) -> str:
    """Return the one text of *value* that is hashed: sorted keys, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def person(name: str) -> str:
    """Return a person's name as it is recorded.

    Raises:
        UsageError: it is blank, too long, or holds characters that do not show.
    """
    shown = " ".join(name.split())
    unseen = any(unicodedata.category(sign).startswith("C") for sign in shown)
    if not person_key(shown) or unseen or len(shown) > NAME_CHARACTERS:
        message = (
            f"a person's name has 1 to {NAME_CHARACTERS} visible characters; nothing "
            "was recorded: give the full name of whoever does this."
        )
        raise UsageError(message)
    return shown


def person_key(name: str) -> str:
    """Return what tells two people apart: case, spaces and looks do not.

    >>> person_key(" Ann  LEE ") == person_key("annlee")
    True
    """
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
