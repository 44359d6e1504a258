"""Release an approved batch: its files go to the bank, exactly once.

The ledger knows of every step before it is taken: that the batch is released; that
its files are complete at the destination and about to get their names; that they have
them. Whoever is killed in between goes on by releasing again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.errors import LedgerError
from pipelines.ledger.entries import Kind, NewEntry, person, person_key
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.verify import refuse_broken_chain
from pipelines.manifest import read_manifest
from pipelines.payout.approve import check_approval
from pipelines.payout.batch_files import PAYMENT_FILE, PAYMENT_LIST
from pipelines.payout.batches import check_batch_files, find_batch, refuse_withdrawn
from pipelines.payout.destination import Destination, Found
from pipelines.payout.schedule import paid_on

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.clock import Moment
    from pipelines.ledger.entries import Entry
    from pipelines.ledger.ledger import Book
    from pipelines.payout.batches import Batch
    from pipelines.settings import Settings

# The bank acts on the second one, so it comes last.
SENT = (PAYMENT_LIST, PAYMENT_FILE)


@dataclass(frozen=True)
class ReleaseRequest:
    """What is asked for: by whom, where to, and what a person found out."""

    home: Path
    batch: str
    by: str
    to: str
    moment: Moment
    settings: Settings
    late_reason: str | None = None
    # What the bank said, if a crash left it open whether the file got there.
    bank_has_it: bool | None = None
    dry_run: bool = False


@dataclass(frozen=True)
class Released:
    """A batch that was released, now or before."""

    batch: Batch
    destination: str
    released_by: str
    paid_on: dt.date
    is_new: bool


def release(request: ReleaseRequest) -> Released:
    """Send the files of an approved batch; if they were sent, do nothing.

    Raises:
        UsageError: there is no such batch, or no such destination.
        LedgerError: no valid approval, the preparer asks, late without a reason, or
            sent elsewhere.
        DestinationError: the destination failed; releasing again goes on.
    """
    ledger = Ledger.open(request.home, request.settings.ledger_address)
    with ledger.reading() as book:
        batch = find_batch(book, request.batch)
    destination = Destination(request.to, batch.batch_id)
    with ledger.database.releasing():
        return _Release(request, ledger, batch, destination).run()


class _Release:
    """One batch on its way, while nobody else releases any."""

    def __init__(
        self,
        request: ReleaseRequest,
        ledger: Ledger,
        batch: Batch,
        destination: Destination,
    ) -> None:
        self._request, self._ledger, self._batch = request, ledger, batch
        self._destination, self._by = destination, person(request.by)
        self._contents: dict[str, bytes] = {}

    def run(self) -> Released:
        """Take the steps that have not been taken."""
        self._contents = self._checked_contents()
        with self._ledger.reading() as book:
            refuse_broken_chain(book, "nothing was sent")
            released = book.entry(Kind.RELEASE, self._batch.batch_id)
            placed = book.entry(Kind.PLACE, self._batch.batch_id)
            confirmed = book.entry(Kind.CONFIRM, self._batch.batch_id)
            self._refuse_the_unapproved(book)
        self._refuse_another_destination(placed)
        if released is None:
            self._refuse_late()
        if self._request.dry_run or confirmed:
            return self._done(released, is_new=False)
        if released is None:
            self._destination.make()
            released = self._record_release()
        is_taken = placed is not None and self._is_taken()
        if placed is None or self._request.bank_has_it is False:
            self._place()
        self._finish(is_taken=is_taken)
        return self._done(released, is_new=True)

    def _checked_contents(self) -> dict[str, bytes]:
        """Return the bytes to send: read once, so that they are what was checked."""
        folder = self._batch.folder(self._request.home)
        paths = [folder / name for name in SENT]
        contents = {path.name: path.read_bytes() for path in paths if path.exists()}
        check_batch_files(self._request.home, self._batch, "nothing was sent")
        outputs = read_manifest(folder)["outputs"]
        for name, content in contents.items():
            if hashlib.sha256(content).hexdigest() != outputs[name]["sha256"]:
                message = (
                    f"{folder / name} changed while it was read, so nothing was sent: "
                    "find out who writes there."
                )
                raise LedgerError(message)
        return contents

    def _refuse_the_unapproved(self, book: Book) -> None:
        batch = self._batch
        refuse_withdrawn(book, batch, "nothing was sent")
        check_approval(self._request.home, book, batch)
        if person_key(batch.row["prepared_by"]) == person_key(self._by):
            message = (
                f"{self._by} prepared batch {batch.batch_id}, so nothing was sent: a "
                "batch is released by another person."
            )
            raise LedgerError(message)

    def _refuse_another_destination(self, placed: Entry | None) -> None:
        if placed and placed.content.facts["to"] != self._destination.uri:
            message = (
                f"batch {self._batch.batch_id} went to {placed.content.facts['to']}; "
                f"nothing was sent to {self._destination.uri}: a batch is sent once."
            )
            raise LedgerError(message)

    def _refuse_late(self) -> None:
        pay_by = dt.date.fromisoformat(self._batch.facts["pay_by"])
        if self._paid_on() > pay_by and self._late_reason is None:
            message = (
                f"batch {self._batch.batch_id} would be paid on {self._paid_on()}, "
                f"after the last day, {pay_by}, so nothing was sent: give the reason "
                "with --late-reason, and it is recorded."
            )
            raise LedgerError(message)

    @property
    def _late_reason(self) -> str | None:
        return " ".join((self._request.late_reason or "").split()) or None

    def _record_release(self) -> Entry:
        """Record that the batch goes out: from here on there is no way back."""
        facts = {"to": self._destination.uri, "paid_on": str(self._paid_on())}
        return self._append(
            Kind.RELEASE, reason=self._late_reason, facts=facts, **self._batch.sealed
        )

    def _place(self) -> None:
        self._destination.make()
        for name, content in self._contents.items():
            # Somebody else's file would be found now, before anything is recorded.
            self._destination.find(name, content)
            self._destination.write_draft(name, content)
        facts: dict[str, Any] = {"to": self._destination.uri}
        if self._request.bank_has_it is not None:
            facts["bank_has_it"] = self._request.bank_has_it
        self._append(Kind.PLACE, facts=facts, **self._names())

    def _is_taken(self) -> bool:
        """Return whether the bank has taken a file that was placed once."""
        content = self._contents[PAYMENT_FILE]
        if self._destination.find(PAYMENT_FILE, content) is not Found.NOTHING:
            return False
        if self._has_answers():
            return True
        if self._request.bank_has_it is None:
            message = (
                f"a release of batch {self._batch.batch_id} broke off just when the "
                "file got its name, and it is not there now: the bank may have taken "
                f"it. Nothing was sent: ask the bank for message "
                f"{self._batch.row['message_id']}, then release again with "
                "--bank-has-it yes or --bank-has-it no."
            )
            raise LedgerError(message)
        return self._request.bank_has_it

    def _has_answers(self) -> bool:
        answered = (
            "select 1 from payments where batch_id = :batch_id "
            "and state not in ('prepared', 'approved', 'released') limit 1"
        )
        with self._ledger.reading() as book:
            return bool(book.rows(answered, batch_id=self._batch.batch_id))

    def _finish(self, *, is_taken: bool) -> None:
        for name, content in self._contents.items():
            if not (is_taken and name == PAYMENT_FILE):
                self._destination.finish(name, content)
        self._append(Kind.CONFIRM, facts={"to": self._destination.uri}, **self._names())

    def _append(self, kind: Kind, **values: Any) -> Entry:
        with self._ledger.writing(self._request.moment.recorded_at) as book:
            return book.append(NewEntry(kind=kind, who=self._by, **values))

    def _names(self) -> dict[str, str]:
        return {
            "campaign_id": self._batch.row["campaign_id"],
            "batch_id": self._batch.batch_id,
        }

    def _paid_on(self) -> dt.date:
        facts = self._batch.facts
        ordered_for = dt.date.fromisoformat(facts["execution_date"])
        return paid_on(self._request.moment, ordered_for, facts["calendar"])

    def _done(self, released: Entry | None, *, is_new: bool) -> Released:
        who, paid = self._by, self._paid_on()
        if released:
            # As it was then: today has no say in what was sent before.
            who = released.content.who
            paid = dt.date.fromisoformat(released.content.facts["paid_on"])
        return Released(self._batch, self._destination.uri, who, paid, is_new)
