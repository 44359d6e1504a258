"""A batch as it is ordered: what the ledger records, and the bank gets."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipelines.ledger.entries import Kind, NewEntry
from pipelines.payout import identifiers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.ledger.ledger import Book
    from pipelines.payout.batch_files import BatchFiles
    from pipelines.payout.batches import Batch
    from pipelines.payout.final_run import FinalRun


@dataclass(frozen=True)
class OrderedPayment:
    """One wire of a batch; the amounts of the customers are for the ledger alone."""

    partner_id: str
    partner_name: str
    end_to_end_id: str
    uetr: str
    amount_cents: int
    qualified_customers: int
    customers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Order:
    """A batch before it has bytes: the ids are settled here, and recorded."""

    campaign_id: str
    batch_id: str
    message_id: str
    run_id: str
    currency: str
    prepared_by: str
    prepared_on: dt.date
    execution_date: dt.date
    payments: tuple[OrderedPayment, ...]

    @property
    def total_cents(self) -> int:
        """What the payments add up to."""
        return sum(payment.amount_cents for payment in self.payments)

    def entry(self, files: BatchFiles, run: FinalRun, home: str) -> NewEntry:
        """Return what the ledger records of the batch and its files."""
        return NewEntry(
            kind=Kind.PREPARE,
            who=self.prepared_by,
            campaign_id=self.campaign_id,
            batch_id=self.batch_id,
            message_id=self.message_id,
            amount_cents=self.total_cents,
            currency=self.currency,
            payments=len(self.payments),
            file_sha256=files.payment_file_sha256,
            run_id=self.run_id,
            facts={
                "known_at": str(run.known_at),
                "prepared_on": str(self.prepared_on),
                "execution_date": str(self.execution_date),
                "pay_by": str(run.pay_by),
                "calendar": run.term("payment", "calendar"),
                "manifest_sha256": files.manifest_sha256,
                "agreement_sha256": run.agreement_sha256,
                "home": home,
            },
        )

    def payment_entry(
        self, payment: OrderedPayment, facts: Mapping[str, Any]
    ) -> NewEntry:
        """Return what the ledger records of one payment."""
        return NewEntry(
            kind=Kind.INSTRUCT,
            who=self.prepared_by,
            campaign_id=self.campaign_id,
            batch_id=self.batch_id,
            partner_id=payment.partner_id,
            end_to_end_id=payment.end_to_end_id,
            uetr=payment.uetr,
            amount_cents=payment.amount_cents,
            currency=self.currency,
            run_id=self.run_id,
            facts={
                "partner_name": payment.partner_name,
                "qualified_customers": payment.qualified_customers,
                **facts,
            },
            customers=payment.customers,
        )


def new_order(  # noqa: PLR0913, PLR0917 - a batch is all of these
    run: FinalRun,
    number: int,
    by: str,
    today: dt.date,
    execution_date: dt.date,
    paid: Mapping[str, Mapping[str, int]],
) -> Order:
    """Return the batch of that number in the campaign, with its ids.

    The number makes the ids, not the run: if ever a ledger were lost, the bank would
    still know the ids, and refuse to pay again.
    """
    campaign_id, key = run.campaign_id, str(number)
    return Order(
        campaign_id=campaign_id,
        batch_id=f"{campaign_id}-{number:03d}",
        message_id=identifiers.message_id(campaign_id, key),
        run_id=run.run_id,
        currency=run.currency,
        prepared_by=by,
        prepared_on=today,
        execution_date=execution_date,
        payments=tuple(
            OrderedPayment(
                partner_id=partner_id,
                partner_name=run.partners[partner_id].partner_name,
                end_to_end_id=identifiers.end_to_end_id(campaign_id, key, partner_id),
                uetr=identifiers.uetr(campaign_id, key, partner_id),
                amount_cents=sum(customers.values()),
                qualified_customers=len(customers),
                customers=customers,
            )
            for partner_id, customers in sorted(paid.items())
        ),
    )


def recorded_order(book: Book, batch: Batch) -> Order:
    """Return a batch as it was ordered, read back from the ledger."""
    rows = book.rows(
        "select partner_id, end_to_end_id, uetr, amount_cents, facts from payments "
        "where batch_id = :batch_id order by sequence",
        batch_id=batch.batch_id,
    )
    row, facts = batch.row, batch.facts
    return Order(
        campaign_id=row["campaign_id"],
        batch_id=batch.batch_id,
        message_id=row["message_id"],
        run_id=row["run_id"],
        currency=row["currency"],
        prepared_by=row["prepared_by"],
        prepared_on=dt.date.fromisoformat(facts["prepared_on"]),
        execution_date=dt.date.fromisoformat(facts["execution_date"]),
        payments=tuple(_recorded_payment(one) for one in rows),
    )


def _recorded_payment(row: Mapping[str, Any]) -> OrderedPayment:
    facts = json.loads(row["facts"])
    return OrderedPayment(
        partner_id=row["partner_id"],
        partner_name=facts["partner_name"],
        end_to_end_id=row["end_to_end_id"],
        uetr=row["uetr"],
        amount_cents=row["amount_cents"],
        qualified_customers=facts["qualified_customers"],
    )
