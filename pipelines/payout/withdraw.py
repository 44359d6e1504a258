"""Withdraw a batch that was not released: what it was to pay becomes owed again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.errors import LedgerError, UsageError
from pipelines.ledger.entries import Kind, NewEntry, person
from pipelines.ledger.ledger import Ledger
from pipelines.payout.batches import find_batch

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.clock import Moment
    from pipelines.payout.batches import Batch
    from pipelines.settings import Settings


@dataclass(frozen=True)
class Withdrawn:
    """A batch that is never sent, and how many payments that takes back."""

    batch: Batch
    payments: int


def withdraw(  # noqa: PLR0913, PLR0917 - as many as the command has
    home: Path,
    batch_name: str,
    by: str,
    reason: str,
    moment: Moment,
    settings: Settings,
) -> Withdrawn:
    """Record that no payment of a batch is made; withdrawing twice changes nothing.

    Raises:
        UsageError: there is no such batch, or no reason.
        LedgerError: it was released, and only the bank can stop it.
    """
    name, why = person(by), " ".join(reason.split())
    if not why:
        message = "a batch is withdrawn for a reason; nothing was recorded: give one."
        raise UsageError(message)
    ledger = Ledger.open(home, settings.ledger_address)
    with ledger.writing(moment.recorded_at) as book:
        batch = find_batch(book, batch_name)
        if batch.row["released_by"]:
            message = (
                f"batch {batch.batch_id} was released by {batch.row['released_by']}, "
                "so it is not withdrawn: ask the bank to stop it; import its answer."
            )
            raise LedgerError(message)
        rows = book.rows(
            "select * from payments where batch_id = :batch_id "
            "and state <> 'rejected' order by sequence",
            batch_id=batch.batch_id,
        )
        for row in rows:
            book.append(
                NewEntry(
                    kind=Kind.REJECT,
                    who=name,
                    campaign_id=row["campaign_id"],
                    batch_id=batch.batch_id,
                    partner_id=row["partner_id"],
                    end_to_end_id=row["end_to_end_id"],
                    amount_cents=row["amount_cents"],
                    currency=row["currency"],
                    reason=f"withdrawn by {name}: {why}",
                )
            )
    return Withdrawn(batch, len(rows))
