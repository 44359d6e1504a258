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
from pipelines.ledger.notices import Step, last_steps, record_notice
from pipelines.payout.batches import check_batch_files, find_batch, refuse_withdrawn
from pipelines.payout.mail import MailServer, NotTakenError, is_address
from pipelines.payout.notice import file_name, mail_of
from pipelines.payout.statements import Statement, statements
from pipelines.progress import Progress

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    from pipelines.clock import Moment
    from pipelines.payout.batches import Batch
    from pipelines.settings import Settings

NO_ADDRESS = "partners lists no mail address for it"
BAD_ADDRESS = "its ContactEmail is no mail address"


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
    with ledger.database.releasing():
        batch, told = _checked(request, ledger)
        steps = _steps(ledger, batch)
        result = Notified(batch)
        waiting = []
        for statement in told:
            if steps.get(statement.partner_id) == "sent":
                result.sent_before.append(statement.partner_id)
            elif not is_address(statement.address):
                why = BAD_ADDRESS if statement.address else NO_ADDRESS
                result.not_told[statement.partner_id] = why
            else:
                waiting.append(statement)
        if request.dry_run:
            _write_mails(request, waiting, result)
        elif waiting:
            _Sending(request, ledger, result, steps).send(waiting)
    return result


def _checked(request: NotifyRequest, ledger: Ledger) -> tuple[Batch, list[Statement]]:
    """Return the batch and its statements, if it is one to tell of."""
    with ledger.reading() as book:
        batch = find_batch(book, request.batch)
        refuse_withdrawn(book, batch, "nobody was told anything")
        if not batch.row["released_by"] and not request.dry_run:
            message = (
                f"batch {batch.batch_id} is not released, so nobody was told anything: "
                "release it first, or look at the mails with --dry-run."
            )
            raise LedgerError(message)
        check_batch_files(request.home, batch, "nobody was told anything")
        with working_folder(request.home) as work:
            return batch, statements(request.home, batch, book, work)


def _steps(ledger: Ledger, batch: Batch) -> dict[str, Step]:
    with ledger.reading() as book:
        return last_steps(book, batch.batch_id)


def _write_mails(
    request: NotifyRequest, waiting: list[Statement], result: Notified
) -> None:
    folder = request.dry_run
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for statement in waiting:
        name = f"{file_name(statement.partner_id)}.eml"
        (folder / name).write_bytes(
            mail_of(statement, request.moment, request.settings).as_bytes()
        )
        result.sent.append(statement.partner_id)


@dataclass(frozen=True)
class _Sending:
    """Mails on their way, each step recorded before the next."""

    request: NotifyRequest
    ledger: Ledger
    result: Notified
    steps: dict[str, Step]

    def send(self, waiting: list[Statement]) -> None:
        with MailServer(self.request.settings.mail) as server:
            tracked = self.request.progress.track(waiting, "telling", len(waiting))
            for statement in tracked:
                self._send_one(server, statement)

    def _send_one(self, server: MailServer, statement: Statement) -> None:
        partner_id = statement.partner_id
        message = mail_of(statement, self.request.moment, self.request.settings)
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


def write_statements(
    home: Path, batch_name: str, out: Path | None, settings: Settings
) -> tuple[Batch, Path, int]:
    """Write each partner's statement as HTML and CSV; return where, and how many.

    Raises:
        UsageError: there is no such batch, or its run is in another home.
        LedgerError: its files have changed.
    """
    ledger = Ledger.open(home, settings.ledger_address)
    with ledger.reading() as book, working_folder(home) as work:
        batch = find_batch(book, batch_name)
        check_batch_files(home, batch, "no statement was written")
        found = statements(home, batch, book, work)
    folder = out or home / "statements" / batch.row["campaign_id"] / batch.batch_id
    folder.mkdir(parents=True, exist_ok=True)
    for statement in found:
        path = folder / file_name(statement.partner_id)
        path.with_name(f"{path.name}.html").write_text(statement.html(), "utf-8")
        path.with_name(f"{path.name}.csv").write_bytes(statement.csv())
    return batch, folder, len(found)
