"""Take in what the bank answers: nothing unknown, and nothing odd, is ever paid.

What an answer says is recorded if it goes on from what is known. What contradicts it
is held: shown to a person, and not acted on.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.errors import DataError
from pipelines.ledger.entries import Kind, NewEntry
from pipelines.ledger.ledger import Ledger
from pipelines.payout.answer_rules import KINDS, Verdict, judge
from pipelines.payout.bank_answers import (
    BankAnswer,
    Status,
    answers_by_payment,
    parse_bank_answers,
)
from pipelines.payout.hardened_xml import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pipelines.clock import Moment
    from pipelines.ledger.ledger import WritableBook
    from pipelines.settings import Settings

BANK = "bank"


@dataclass(frozen=True)
class StatusFile:
    """One file of the bank, read."""

    name: str
    sha256: str
    answers: tuple[BankAnswer, ...]


@dataclass(frozen=True)
class HeldAnswer:
    """An answer that a person has to look at."""

    file: str
    end_to_end_id: str | None
    status: str
    why: str


@dataclass(frozen=True)
class Imported:
    """What came of the files: the payments that moved on, and what is held."""

    files: int
    new_files: int
    recorded: tuple[tuple[str, str], ...]
    unchanged: int
    held: tuple[HeldAnswer, ...]


def import_status(
    home: Path, paths: Sequence[Path], moment: Moment, settings: Settings
) -> Imported:
    """Record the bank's answers; the same file again records nothing.

    Raises:
        DataError: a file is none that can be read; nothing of any was recorded.
    """
    files = [_read(path) for path in paths]
    ledger = Ledger.open(home, settings.ledger_address)
    with ledger.writing(moment.recorded_at) as book:
        desk = _Desk(book)
        for file, answer in sorted(desk.answers(files), key=_when):
            desk.take_in(file, answer)
        new_files = sum([desk.remember(file) for file in files])
    return Imported(
        len(files), new_files, tuple(desk.recorded), desk.unchanged, tuple(desk.held)
    )


def _read(path: Path) -> StatusFile:
    try:
        # One byte too many is enough for it to be refused: no more is read.
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        message = (
            f"{path} cannot be read ({error.strerror}); nothing was imported: name a "
            "file that the bank sent."
        )
        raise DataError(message) from error
    digest = hashlib.sha256(content).hexdigest()
    return StatusFile(path.name, digest, parse_bank_answers(content, str(path)))


def _when(item: tuple[StatusFile, BankAnswer]) -> tuple[dt.date, bool]:
    """Put bookings in the order of their days, whatever order the files are in."""
    _, answer = item
    return (answer.booked_on or dt.date.min, answer.status is Status.RETURNED)


class _Desk:
    """Answers against the payments that they are about."""

    def __init__(self, book: WritableBook) -> None:
        self._book = book
        self._counts: Counter[tuple[str, str]] = Counter()
        self.recorded: list[tuple[str, str]] = []
        self.held: list[HeldAnswer] = []
        self.unchanged = 0

    def answers(
        self, files: Iterable[StatusFile]
    ) -> list[tuple[StatusFile, BankAnswer]]:
        """Return every answer, with one for each payment of a whole message."""
        found = []
        for file in files:
            messages = {answer.original_message_id for answer in file.answers}
            sent = {name: self._payments_of(name) for name in messages if name}
            known = {name: ids for name, ids in sent.items() if ids}
            found += [(file, one) for one in answers_by_payment(file.answers, known)]
        return found

    def take_in(self, file: StatusFile, answer: BankAnswer) -> None:
        """Record an answer, or hold it, or find that it says nothing new."""
        payment = self._payment(answer.end_to_end_id)
        verdict, why = judge(answer, payment)
        self._counts[file.sha256, verdict.value] += 1
        if verdict is Verdict.HOLD:
            held = HeldAnswer(file.name, answer.end_to_end_id, answer.status.value, why)
            self.held.append(held)
        elif verdict is Verdict.NOTHING_NEW or payment is None:
            self.unchanged += 1
        else:
            self._book.append(_entry(file, answer, payment))
            self.recorded.append((payment["end_to_end_id"], answer.status.value))

    def remember(self, file: StatusFile) -> bool:
        """Record that a file was read; whether it is the first time."""
        known = self._book.rows(
            "select 1 from entries where kind = 'import' and file_sha256 = :sha256",
            sha256=file.sha256,
        )
        if not known:
            facts = {
                "file": file.name,
                "recorded": self._counts[file.sha256, Verdict.RECORD.value],
                "held": self._counts[file.sha256, Verdict.HOLD.value],
            }
            self._book.append(
                NewEntry(
                    kind=Kind.IMPORT, who=BANK, file_sha256=file.sha256, facts=facts
                )
            )
        return not known

    def _payments_of(self, message_id: str) -> list[str]:
        rows = self._book.rows(
            "select payments.end_to_end_id from payments inner join batches "
            "on payments.batch_id = batches.batch_id "
            "where batches.message_id = :message_id",
            message_id=message_id,
        )
        return [row["end_to_end_id"] for row in rows]

    def _payment(self, end_to_end_id: str | None) -> dict[str, Any] | None:
        """Return a payment with its message, and the answers that were recorded."""
        rows = self._book.rows(
            "select payments.*, batches.message_id, batches.released_by "
            "from payments inner join batches on payments.batch_id = batches.batch_id "
            "where payments.end_to_end_id = :end_to_end_id",
            end_to_end_id=end_to_end_id,
        )
        answers = self._book.rows(
            "select kind, facts from entries where end_to_end_id = :end_to_end_id "
            "and kind in ('accept', 'reject', 'settle', 'return')",
            end_to_end_id=end_to_end_id,
        )
        known = {Kind(row["kind"]): json.loads(row["facts"]) for row in answers}
        return rows[0] | {"answers": known} if rows else None


def _entry(file: StatusFile, answer: BankAnswer, payment: dict[str, Any]) -> NewEntry:
    words = [word for word in (answer.reason_code, answer.reason) if word]
    came_back = answer.status in {Status.REJECTED, Status.RETURNED}
    booked = {"booked_on": str(answer.booked_on)} if answer.booked_on else {}
    return NewEntry(
        kind=KINDS[answer.status],
        who=BANK,
        campaign_id=payment["campaign_id"],
        batch_id=payment["batch_id"],
        partner_id=payment["partner_id"],
        end_to_end_id=payment["end_to_end_id"],
        amount_cents=payment["amount_cents"],
        currency=payment["currency"],
        reason=": ".join(words) or ("the bank gave no reason" if came_back else None),
        facts={"file_sha256": file.sha256, "source": answer.source, **booked},
    )
