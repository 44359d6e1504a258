"""Prepare a batch: what a final run owes to date, less what was instructed before.

All that the ledger is told counts in one transaction, the digest of the payment file
included. Only then are the files written; what a crash loses is written again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pipelines.errors import LedgerError
from pipelines.ledger.balances import (
    batch_count,
    followed_runs,
    overpaid_cents,
    partner_balances,
)
from pipelines.ledger.entries import Kind, NewEntry, person
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.verify import refuse_broken_chain
from pipelines.payout.agreed import agreed_run
from pipelines.payout.batches import Batch, batch_folder
from pipelines.payout.final_run import final_run
from pipelines.payout.holds import AccountCheck, payment_holds
from pipelines.payout.orders import new_order, recorded_order
from pipelines.payout.plan import plan_payments
from pipelines.payout.rendering import publish_batch, render_order
from pipelines.payout.schedule import execution_date
from pipelines.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pipelines.clock import Moment
    from pipelines.ledger.ledger import WritableBook
    from pipelines.payout.bank_accounts import BankAccounts
    from pipelines.payout.final_run import FinalRun
    from pipelines.payout.orders import Order
    from pipelines.payout.plan import PartnerPlan
    from pipelines.payout.rendering import RenderedBatch
    from pipelines.settings import Settings


@dataclass(frozen=True)
class PrepareRequest:
    """What is asked for: by whom, when, and under which settings."""

    home: Path
    run: str
    by: str
    moment: Moment
    settings: Settings
    checks: Mapping[str, AccountCheck] = field(default_factory=dict)
    dry_run: bool = False
    progress: Progress = field(default_factory=Progress)


@dataclass(frozen=True)
class Prepared:
    """The batch that was prepared, or that nothing is owed; who waits, who owes."""

    run: FinalRun
    batch: RenderedBatch | None
    is_new: bool
    held: tuple[PartnerPlan, ...]
    overpaid: Mapping[str, int]


def prepare(request: PrepareRequest) -> Prepared:
    """Record a batch in the ledger and write its files; at most once for each thing.

    Raises:
        UsageError: there is no such run, or no such name.
        DifferenceError: the run is not as it was published.
        DataError: the payment file would not be one to send.
        LedgerError: the run is open, or older than what the ledger follows; or the
            two engines do not agree on it.
    """
    by = person(request.by)
    run = final_run(request.home, request.run)
    run = agreed_run(run, request.progress, keep=not request.dry_run)
    accounts = run.bank_accounts()
    ledger = Ledger.open(request.home, request.settings.ledger_address)
    with ledger.writing(request.moment.recorded_at, keep=not request.dry_run) as book:
        refuse_broken_chain(book, "nothing was prepared")
        job = _Preparation(request, by, run, accounts, book)
        lost = job.lost_batches()
        prepared = job.record()
    if not request.dry_run:
        for batch in [*lost, prepared.batch]:
            if batch:
                publish_batch(request.home, batch)
    if lost and not prepared.batch:
        return replace(prepared, batch=lost[-1], is_new=False)
    return prepared


class _Preparation:
    """One transaction of the ledger, from balances to a batch."""

    def __init__(
        self,
        request: PrepareRequest,
        by: str,
        run: FinalRun,
        accounts: BankAccounts,
        book: WritableBook,
    ) -> None:
        self._request, self._by, self._run = request, by, run
        self._accounts, self._book = accounts, book

    def record(self) -> Prepared:
        """Record what is earned, netted and paid."""
        run, book = self._run, self._book
        self._refuse_an_older_run()
        plan = plan_payments(
            {name: partner.customers for name, partner in run.partners.items()},
            payment_holds(
                run,
                self._accounts,
                book,
                self._request.moment.today,
                self._request.checks,
            ),
            partner_balances(book, run.campaign_id),
        )
        for kind, part in ((Kind.EARN, "earned"), (Kind.ADJUST, "lost")):
            for one in plan.partners:
                self._record(kind, one.partner_id, getattr(one, part))
        for partner_id, moves in plan.nettings:
            self._record(Kind.NET, partner_id, moves)
        order = self._order(
            {one.partner_id: one.paid for one in plan.partners if one.paid}
        )
        return Prepared(
            run,
            self._record_batch(order) if order else None,
            is_new=True,
            held=tuple(one for one in plan.partners if one.held_cents),
            overpaid=overpaid_cents(book, run.campaign_id),
        )

    def _refuse_an_older_run(self) -> None:
        """Follow runs forward only: an older one knows less than was acted on."""
        followed = followed_runs(self._book, self._run.campaign_id)
        if not followed or followed[-1].run_id == self._run.run_id:
            return
        last, known_at = followed[-1], str(self._run.known_at)
        ids = {one.run_id for one in followed}
        if known_at < last.known_at or self._run.run_id in ids:
            message = (
                f"run {self._run.run_id}, known at {known_at}, is older than run "
                f"{last.run_id}, known at {last.known_at}, which the ledger follows; "
                "nothing was prepared: prepare the newest run."
            )
            raise LedgerError(message)

    def _record(self, kind: Kind, partner_id: str, customers: dict[str, int]) -> None:
        if not customers:
            return
        self._book.append(
            NewEntry(
                kind=kind,
                who=self._by,
                campaign_id=self._run.campaign_id,
                partner_id=partner_id,
                amount_cents=sum(cents for cents in customers.values() if cents > 0),
                currency=self._run.currency,
                run_id=self._run.run_id,
                facts={"known_at": str(self._run.known_at)},
                customers=customers,
            )
        )

    def _order(self, paid: dict[str, dict[str, int]]) -> Order | None:
        """Return the batch of the payments; None if there are none."""
        run, moment = self._run, self._request.moment
        if not paid:
            return None
        day = execution_date(
            moment,
            run.pay_by,
            run.term("payment", "calendar"),
            self._request.settings.bank.lead_banking_days,
        )
        number = batch_count(self._book, run.campaign_id) + 1
        order = new_order(run, number, self._by, moment.today, day, paid)
        folder = batch_folder(self._request.home, run.campaign_id, order.batch_id)
        if folder.exists():
            message = (
                f"{folder} is there already, but the ledger knows no batch "
                f"{order.batch_id}; nothing was prepared: restore the ledger that it "
                "belongs to. With another ledger, money could be sent twice."
            )
            raise LedgerError(message)
        return order

    def _record_batch(self, order: Order) -> RenderedBatch:
        batch = self._rendered(order)
        home = str(self._request.home.resolve())
        self._book.append(order.entry(batch.files, self._run, home))
        for payment in order.payments:
            check = self._request.checks.get(payment.partner_id)
            facts: dict[str, Any] = {"account_check": check.as_dict()} if check else {}
            self._book.append(order.payment_entry(payment, facts))
        return batch

    def _rendered(self, order: Order) -> RenderedBatch:
        payer = self._request.settings.payer
        return render_order(order, self._run, self._accounts, payer)

    def lost_batches(self) -> list[RenderedBatch]:
        """Return the batches of this run and home that await release without files."""
        rows = self._book.rows(
            "select * from batches where run_id = :run_id and released_by is null "
            "and not exists (select 1 from entries where kind = 'reject' "
            "and entries.batch_id = batches.batch_id) order by sequence",
            run_id=self._run.run_id,
        )
        home = self._request.home
        return [
            self._restored(batch)
            for batch in map(Batch, rows)
            if batch.facts["home"] == str(home.resolve())
            and not batch.folder(home).exists()
        ]

    def _restored(self, batch: Batch) -> RenderedBatch:
        restored = self._rendered(recorded_order(self._book, batch))
        if restored.files.payment_file_sha256 != batch.row["file_sha256"]:
            message = (
                f"the payment file of batch {batch.batch_id} is lost and would now be "
                "another one, so nothing was prepared: put the payer's settings back "
                "as they were, or withdraw the batch."
            )
            raise LedgerError(message)
        return restored
