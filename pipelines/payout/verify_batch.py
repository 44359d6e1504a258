"""Every byte of a batch against its manifest and against the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.ledger.entries import Kind
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.verify import check_chain
from pipelines.payout.approve import approval_json
from pipelines.payout.batch_files import APPROVAL
from pipelines.payout.batches import batch_differences, find_batch
from pipelines.payout.statement_files import statements_folder
from pipelines.verify import folder_differences

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.ledger.ledger import Book
    from pipelines.payout.batches import Batch
    from pipelines.settings import Settings


def verify_batch(
    home: Path, batch_name: str, settings: Settings
) -> tuple[Batch, list[str]]:
    """Return a batch and every difference from it, each in a sentence.

    Raises:
        UsageError: the ledger knows no such batch.
    """
    ledger = Ledger.open(home, settings.ledger_address)
    with ledger.reading() as book:
        batch = find_batch(book, batch_name)
        return batch, [
            *batch_differences(home, batch),
            *_approval_differences(home, batch, book),
            *_statement_differences(home, batch),
            *check_chain(book).differences,
        ]


def _statement_differences(home: Path, batch: Batch) -> list[str]:
    """Return how what partners were told differs from what was sealed, if it was."""
    folder = statements_folder(home, batch)
    return folder_differences(folder) if folder.exists() else []


def _approval_differences(home: Path, batch: Batch, book: Book) -> list[str]:
    path = batch.folder(home) / APPROVAL
    entry = book.entry(Kind.APPROVE, batch.batch_id)
    if entry is None:
        return [f"{path} is no approval of the ledger"] if path.exists() else []
    if not path.exists():
        return [f"{path} is missing: {entry.content.who} approved the batch"]
    if path.read_bytes() != approval_json(batch, entry).encode():
        return [f"{path} has other bytes than the ledger recorded"]
    return []
