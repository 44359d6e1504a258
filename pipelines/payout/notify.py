"""Tell the partners of a released batch: a mail each, with its statement (F5).

The ledger knows of each mail before it goes out and after it is taken. Who is killed
in between goes on by the same command: what was sent is not sent again. The one mail
that was on its way then may have been taken; it goes out again under the same
Message-ID, by which mail systems know a repeat.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipelines.errors import LedgerError
from pipelines.files import working_folder
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.notices import Step, begun_at, last_steps, record_notice
from pipelines.payout.batches import (
    Batch,
    check_batch_files,
    find_batch,
    refuse_withdrawn,
)
from pipelines.payout.mail import MailServer, NotTakenError, usable_address
from pipelines.payout.notice import KINDS, mail_of
from pipelines.payout.statement_files import file_name, said_before, seal_statements
from pipelines.payout.statements import Statement, statements
from pipelines.progress import Progress

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    from pipelines.clock import Moment
    from pipelines.ledger.ledger import Book
    from pipelines.settings import Settings

NO_ADDRESS = "partners lists no mail address for it"
BAD_ADDRESS = "its ContactEmail is no mail address"
CAME_BACK = "its payment came back since, and is owed again"


@dataclass(frozen=True)
class NotifyRequest:
    """What is asked for; with *dry_run*, mails become files in that folder."""

    home: Path
    batch: str
    moment: Moment
    settings: Settings
    dry_run: Path | None = None
    progress: Progress = field(default_factory=Progress)


@dataclass
class Notified:
    """Who was told of a batch, now or before, and who could not be told."""

    batch: Batch
    sent: list[str] = field(default_factory=list)
    sent_before: list[str] = field(default_factory=list)
    # These may have been told twice: the process before died on their mail.
    repeated: list[str] = field(default_factory=list)
    # An earlier batch told these the same, and this one pays them nothing.
    nothing_new: list[str] = field(default_factory=list)
    # Resellers on invoices that partners does not list: there is nobody to tell.
    unlisted: list[str] = field(default_factory=list)
    not_told: dict[str, str] = field(default_factory=dict)


def notify(request: NotifyRequest) -> Notified:
    """Send each partner of a released batch its statement, once.

    Raises:
        UsageError: there is no such batch, or its run is in another home.
        LedgerError: it was not released, or its files have changed.
        CampaignError: no mail server is set.
        DestinationError: the mail server failed; the same again goes on.
    """
    ledger = Ledger.open(request.home, request.settings.ledger_address)
    # One at a time: what is on its way is then known to be of nobody alive.
    with ledger.database.notifying():
        batch, found = _checked(request, ledger)
        result = Notified(batch)
        with ledger.reading() as book:
            steps = last_steps(book, batch.batch_id)
            begun = begun_at(book, batch.batch_id)
            told = _told_before(request.home, book, batch)
        waiting = _waiting(found, steps, told, result)
        if request.dry_run:
            _write_mails(request, request.dry_run, waiting, result)
            return result
        folder = seal_statements(request.home, batch, found)
        if waiting:
            _Sending(request, ledger, folder, result, steps, begun).send(waiting)
    return result


def _checked(request: NotifyRequest, ledger: Ledger) -> tuple[Batch, list[Statement]]:
    """Return the batch and its statements, if it is one to tell of."""
    with ledger.reading() as book:
        batch = find_batch(book, request.batch)
        refuse_withdrawn(book, batch, "nobody was told anything")
        if not request.dry_run:
            _refuse_unsent(batch)
        check_batch_files(request.home, batch, "nobody was told anything")
        with working_folder(request.home) as work:
            return batch, statements(request.home, batch, book, work)


def _refuse_unsent(batch: Batch) -> None:
    if not batch.row["released_by"]:
        message = (
            f"batch {batch.batch_id} is not released, so nobody was told anything: "
            "release it first, or look at the mails with --dry-run."
        )
        raise LedgerError(message)
    if not batch.row["is_confirmed"]:
        message = (
            f"the release of batch {batch.batch_id} broke off, so nobody was told "
            "anything: release it again, to go on where it stopped, then tell."
        )
        raise LedgerError(message)


def _told_before(home: Path, book: Book, batch: Batch) -> dict[str, str]:
    """Return what each partner was told last by an earlier batch, as a digest."""
    rows = book.rows(
        "select * from batches where campaign_id = :campaign_id "
        "and sequence < :sequence order by sequence",
        campaign_id=batch.row["campaign_id"],
        sequence=batch.row["sequence"],
    )
    found: dict[str, str] = {}
    for earlier in map(Batch, rows):
        said = said_before(home, earlier)
        steps = last_steps(book, earlier.batch_id)
        for partner_id, step in steps.items():
            if step == "sent":
                found[partner_id] = said.get(partner_id, "")
    return found


def _waiting(
    found: list[Statement],
    steps: dict[str, Step],
    told: dict[str, str],
    result: Notified,
) -> list[tuple[Statement, str]]:
    """Return whom to tell, and where; note in *result* who is not to be, and why."""
    waiting = []
    for statement in found:
        partner_id, address = statement.partner_id, usable_address(statement.address)
        if steps.get(partner_id) == "sent":
            result.sent_before.append(partner_id)
        elif statement.came_back:
            result.not_told[partner_id] = CAME_BACK
        elif not statement.payment and told.get(partner_id) == statement.said:
            result.nothing_new.append(partner_id)
        elif not statement.partner["is_listed"]:
            result.unlisted.append(partner_id)
        elif address is None:
            why = BAD_ADDRESS if statement.address else NO_ADDRESS
            result.not_told[partner_id] = why
        else:
            waiting.append((statement, address))
    return waiting


def _write_mails(
    request: NotifyRequest,
    folder: Path,
    waiting: list[tuple[Statement, str]],
    result: Notified,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for statement, address in waiting:
        files = {".html": statement.html(), ".csv": statement.csv()}
        at = request.moment.recorded_at
        message = mail_of(statement, address, files, at, request.settings)
        name = f"{file_name(statement.partner_id)}.eml"
        (folder / name).write_bytes(message.as_bytes())
        result.sent.append(statement.partner_id)


@dataclass(frozen=True)
class _Sending:
    """Mails on their way, each step recorded before the next."""

    request: NotifyRequest
    ledger: Ledger
    folder: Path
    result: Notified
    steps: dict[str, Step]
    begun: dict[str, str]

    def send(self, waiting: list[tuple[Statement, str]]) -> None:
        with MailServer(self.request.settings.mail) as server:
            tracked = self.request.progress.track(waiting, "telling", len(waiting))
            for statement, address in tracked:
                self._send_one(server, statement, address)

    def _send_one(self, server: MailServer, statement: Statement, to: str) -> None:
        partner_id, request = statement.partner_id, self.request
        path = self.folder / file_name(partner_id)
        # What was sealed is what is sent, whatever this version would write.
        files = {
            suffix: path.with_name(path.name + suffix).read_bytes() for suffix in KINDS
        }
        # A repeat is dated as the first try, so that it is the same to the byte.
        at = self.begun.get(partner_id, request.moment.recorded_at)
        message = mail_of(statement, to, files, at, request.settings)
        self._record(partner_id, "sending", message)
        try:
            server.send(message)
        except NotTakenError as error:
            self._record(partner_id, "refused", message, str(error))
            self.result.not_told[partner_id] = str(error)
            return
        self._record(partner_id, "sent", message)
        self.result.sent.append(partner_id)
        if self.steps.get(partner_id) == "sending":
            self.result.repeated.append(partner_id)

    def _record(
        self,
        partner_id: str,
        step: Step,
        message: EmailMessage,
        reason: str | None = None,
    ) -> None:
        batch_id = self.result.batch.batch_id
        with self.ledger.writing(self.request.moment.recorded_at) as book:
            record_notice(
                book, batch_id, partner_id, step, message["Message-ID"], reason
            )
