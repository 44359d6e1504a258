"""Approve a batch: another person than the preparer allows these very bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.errors import LedgerError
from pipelines.files import canonical_json, sync, working_folder
from pipelines.ledger.entries import Kind, NewEntry, person, person_key
from pipelines.ledger.ledger import Ledger
from pipelines.money import shown
from pipelines.payout.batch_files import APPROVAL, PAYMENT_FILE
from pipelines.payout.batches import check_batch_files, find_batch, refuse_withdrawn

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.clock import Moment
    from pipelines.ledger.entries import Entry
    from pipelines.ledger.ledger import Book, WritableBook
    from pipelines.payout.batches import Batch
    from pipelines.settings import Settings


@dataclass(frozen=True)
class Approved:
    """A batch that was approved, now or before."""

    batch: Batch
    path: Path
    approved_by: str
    is_new: bool


def approve(
    home: Path, batch_name: str, by: str, moment: Moment, settings: Settings
) -> Approved:
    """Record the approval of a batch and write ``approval.json`` beside its files.

    Raises:
        UsageError: there is no such batch.
        LedgerError: the preparer asks, or a byte has changed, or it is too late.
    """
    name = person(by)
    ledger = Ledger.open(home, settings.ledger_address)
    with ledger.writing(moment.recorded_at) as book:
        batch = find_batch(book, batch_name)
        refuse_withdrawn(book, batch, "nothing was approved")
        check_batch_files(home, batch, "nothing was approved")
        entry = book.entry(Kind.APPROVE, batch.batch_id)
        is_new = entry is None
        if entry is None:
            entry = _record(book, batch, name)
        elif person_key(entry.content.who) != person_key(name):
            message = (
                f"batch {batch.batch_id} is approved already, by {entry.content.who}; "
                "nothing was recorded: it can be released."
            )
            raise LedgerError(message)
    path = batch.folder(home) / APPROVAL
    content = approval_json(batch, entry)
    # A crash may have come between the ledger and the file.
    if not path.exists() or path.read_bytes() != content.encode():
        _write(home, path, content)
    return Approved(batch, path, entry.content.who, is_new)


def _write(home: Path, path: Path, content: str) -> None:
    """Write the approval aside: a draft in the batch's folder would be a stranger."""
    with working_folder(home) as work:
        draft = work / APPROVAL
        draft.write_bytes(content.encode())
        sync(draft)
        draft.replace(path)
        sync(path.parent)


def _record(book: WritableBook, batch: Batch, name: str) -> Entry:
    if person_key(batch.row["prepared_by"]) == person_key(name):
        message = (
            f"{name} prepared batch {batch.batch_id}, so nothing was approved: a batch "
            "is approved by another person."
        )
        raise LedgerError(message)
    return book.append(NewEntry(kind=Kind.APPROVE, who=name, **batch.sealed))


def approval_json(batch: Batch, entry: Entry) -> str:
    """Return the approval as a file: who allowed which bytes, and where it stands."""
    facts: dict[str, Any] = {
        "campaign_id": batch.row["campaign_id"],
        "batch_id": batch.batch_id,
        "prepared_by": batch.row["prepared_by"],
        "approved_by": entry.content.who,
        "approved_at": entry.recorded_at,
        "file": PAYMENT_FILE,
        "sha256": entry.content.file_sha256,
        "manifest_sha256": batch.facts["manifest_sha256"],
        "payments": entry.content.payments,
        "total": shown(entry.content.amount_cents or 0),
        "currency": entry.content.currency,
        # Nobody can rewrite the ledger up to here without this showing it.
        "ledger_entry": entry.sequence,
        "ledger_hash": entry.hash,
    }
    return canonical_json(facts)


def check_approval(home: Path, book: Book, batch: Batch) -> None:
    """Refuse to send a batch without the approval that the ledger has.

    Raises:
        LedgerError: there is none, or its file is not as it was written.
    """
    approval = book.entry(Kind.APPROVE, batch.batch_id)
    if approval is None:
        message = (
            f"batch {batch.batch_id} is not approved, so nothing was sent: another "
            "person than the preparer has to approve it first."
        )
        raise LedgerError(message)
    path = batch.folder(home) / APPROVAL
    expected = approval_json(batch, approval).encode()
    if not path.exists() or path.read_bytes() != expected:
        message = (
            f"{path} is not the approval that {approval.content.who} gave, so nothing "
            "was sent: let the same person approve the batch again."
        )
        raise LedgerError(message)
