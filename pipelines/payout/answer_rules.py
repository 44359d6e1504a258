"""Whether an answer of the bank goes on from what is known, or a person has to look.

A pure function of the answer and the payment, as the ledger has it.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import TYPE_CHECKING, Any

from pipelines.ledger.entries import Kind
from pipelines.money import amount_of
from pipelines.payout.bank_answer import BankAnswer, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = {
    Status.ACCEPTED: Kind.ACCEPT,
    Status.REJECTED: Kind.REJECT,
    Status.SETTLED: Kind.SETTLE,
    Status.RETURNED: Kind.RETURN,
}
# What each state can still become. What was rejected or returned is owed again, so
# whatever the bank says of it afterwards is for a person to see.
NEXT = {
    "released": {Status.ACCEPTED, Status.REJECTED, Status.SETTLED, Status.RETURNED},
    "accepted": {Status.REJECTED, Status.SETTLED, Status.RETURNED},
    "settled": {Status.RETURNED},
}


class Verdict(Enum):
    """What is done with an answer."""

    RECORD = "record"
    NOTHING_NEW = "nothing new"
    HOLD = "hold"


def judge(answer: BankAnswer, payment: Mapping[str, Any] | None) -> tuple[Verdict, str]:
    """Return what to do with an answer, and why it is held.

    *payment* has a column for each kind of answer that was recorded before.
    """
    if payment is None:
        return Verdict.HOLD, "the ledger knows no such payment"
    objection = _objection(answer, payment) or _money_objection(answer, payment)
    if objection:
        return Verdict.HOLD, objection
    if answer.status is Status.PENDING or KINDS[answer.status] in payment["answers"]:
        return Verdict.NOTHING_NEW, ""
    if answer.status in NEXT.get(payment["state"], set()):
        return Verdict.RECORD, ""
    if _is_behind(answer, payment):
        return Verdict.NOTHING_NEW, ""
    state = payment["state"]
    return Verdict.HOLD, f"the payment is {state}, and cannot be {answer.status.value}"


def _objection(answer: BankAnswer, payment: Mapping[str, Any]) -> str | None:
    if answer.original_message_id not in {None, payment["message_id"]}:
        return "it names another message than the one that ordered the payment"
    if answer.status is Status.UNKNOWN:
        return answer.reason or "its status is not known"
    if payment["released_by"] is None:
        return "the payment was not released"
    return None


def _money_objection(answer: BankAnswer, payment: Mapping[str, Any]) -> str | None:
    ordered = amount_of(payment["amount_cents"])
    if answer.amount is None:
        is_booking = answer.source.startswith("camt")
        return "it does not say which amount was booked" if is_booking else None
    if answer.currency not in {None, payment["currency"]}:
        return f"it is in {answer.currency}, not in {payment['currency']}"
    if answer.amount != ordered:
        return f"its amount is {answer.amount}, not {ordered}"
    return None


def _is_behind(answer: BankAnswer, payment: Mapping[str, Any]) -> bool:
    """Return whether an answer tells of a step before the ones that are known."""
    if answer.status is Status.ACCEPTED:
        return Kind.SETTLE in payment["answers"] or Kind.RETURN in payment["answers"]
    returned = payment["answers"].get(Kind.RETURN, {}).get("booked_on")
    return (
        answer.status is Status.SETTLED
        and returned is not None
        and answer.booked_on is not None
        and answer.booked_on <= dt.date.fromisoformat(returned)
    )
