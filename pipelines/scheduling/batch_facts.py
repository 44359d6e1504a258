"""What the scheduler may know of a batch: ids, counts, totals, a digest."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipelines.money import shown
from pipelines.payout.orders import recorded_order

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.ledger.ledger import Book
    from pipelines.payout.batches import Batch

Facts = dict[str, Any]


def facts_of(home: Path, book: Book, batch: Batch) -> Facts:
    """Return what a person is asked about, as the ledger has it."""
    payments, said = recorded_order(book, batch).payments, named(batch)
    return said | {
        "folder": str(batch.folder(home)),
        "customers": sum(one.qualified_customers for one in payments),
        "amount": f"{Decimal(said['total']):,} {said['currency']}",
        "execution_date": batch.facts["execution_date"],
        "pay_by": batch.facts["pay_by"],
        "prepared_by": batch.row["prepared_by"],
    }


def named(batch: Batch) -> Facts:
    """Return what tells one batch from another."""
    row = batch.row
    return {
        "batch_id": batch.batch_id,
        "run_id": row["run_id"],
        "payments": row["payments"],
        "total": shown(row["amount_cents"]),
        "currency": row["currency"],
        "sha256": row["file_sha256"],
    }
