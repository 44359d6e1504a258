"""Batches and payments with their states, as people ask for them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.banking_days import days_left
from pipelines.money import shown
from pipelines.payout.batches import Batch

if TYPE_CHECKING:
    from pipelines.ledger.ledger import Book

# A batch is as far as the payment that is least far. One that came back holds
# nothing up, so it counts only where all of them did.
ORDER = (
    "prepared",
    "approved",
    "released",
    "accepted",
    "settled",
    "rejected",
    "returned",
)


@dataclass(frozen=True)
class Listing:
    """All batches and all payments, the oldest first."""

    batches: list[dict[str, Any]]
    payments: list[dict[str, Any]]


def list_payouts(book: Book, today: dt.date) -> Listing:
    """Return every batch and payment of the ledger."""
    payments = book.rows("select * from payments order by sequence")
    states: dict[str, set[str]] = {}
    for row in payments:
        states.setdefault(row["batch_id"], set()).add(row["state"])
    batches = map(Batch, book.rows("select * from batches order by sequence"))
    return Listing(
        [_batch(batch, states[batch.batch_id], today) for batch in batches],
        [_payment(row) for row in payments],
    )


def batch_state(states: set[str]) -> str:
    """Return the state of a batch, given those of its payments.

    >>> batch_state({"settled", "accepted", "rejected"})
    'accepted'
    """
    return min(states, key=ORDER.index)


def _batch(batch: Batch, states: set[str], today: dt.date) -> dict[str, Any]:
    row, facts = batch.row, batch.facts
    return {
        "batch_id": batch.batch_id,
        "campaign_id": row["campaign_id"],
        "state": batch_state(states),
        "payments": row["payments"],
        "total": shown(row["amount_cents"]),
        "currency": row["currency"],
        "execution_date": facts["execution_date"],
        "pay_by": facts["pay_by"],
        "days_left": days_left(today, dt.date.fromisoformat(facts["pay_by"])),
        "run_id": row["run_id"],
        "message_id": row["message_id"],
        "sha256": row["file_sha256"],
        "prepared_by": row["prepared_by"],
        "approved_by": row["approved_by"],
        "released_by": row["released_by"],
        # False: a release broke off; releasing again goes on.
        "is_sent": bool(row["is_confirmed"]) if row["released_by"] else None,
    }


def _payment(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "end_to_end_id": row["end_to_end_id"],
        "batch_id": row["batch_id"],
        "partner_id": row["partner_id"],
        "amount": shown(row["amount_cents"]),
        "currency": row["currency"],
        "state": row["state"],
        "reason": row["reason"],
    }
