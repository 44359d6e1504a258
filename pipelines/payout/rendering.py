"""Turn a batch into its files, and put them where people look for them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from pipelines.files import working_folder
from pipelines.money import amount_of
from pipelines.payout.batch_files import BatchFiles, batch_files
from pipelines.payout.batches import batch_folder
from pipelines.payout.payment import Payer, Payment, PaymentFile
from pipelines.publish import publish_folder

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.payout.bank_accounts import BankAccounts
    from pipelines.payout.final_run import FinalRun
    from pipelines.payout.orders import Order, OrderedPayment
    from pipelines.settings import PayerSettings

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class RenderedBatch:
    """A batch and its bytes."""

    order: Order
    files: BatchFiles


def render_order(
    order: Order, run: FinalRun, accounts: BankAccounts, payer: PayerSettings
) -> RenderedBatch:
    """Return a batch with its files.

    Raises:
        DataError: the payment file is not one that a bank should get.
    """
    file = PaymentFile(
        message_id=order.message_id,
        # Of the day, not of the clock: the same batch has the same bytes.
        created_at=dt.datetime.combine(order.prepared_on, dt.time.min, dt.UTC),
        execution_date=order.execution_date,
        campaign_id=order.campaign_id,
        batch_id=order.batch_id,
        payer=_payer(payer),
        payments=tuple(_payment(order, one, accounts) for one in order.payments),
    )
    facts = {
        "currency": order.currency,
        "run_id": order.run_id,
        "run_manifest_sha256": run.manifest["manifest_sha256"],
        "prepared_by": order.prepared_by,
        "prepared_on": str(order.prepared_on),
    }
    calendar = run.term("payment", "calendar")
    return RenderedBatch(order, batch_files(file, run.pay_by, calendar, facts))


def _payer(settings: PayerSettings) -> Payer:
    iban, number = settings.iban, settings.account_number
    return Payer(
        **settings.model_dump(exclude={"iban", "account_number"}),
        iban=iban.get_secret_value().replace(" ", "").upper() if iban else None,
        account_number=number.get_secret_value() if number and not iban else None,
    )


def _payment(order: Order, payment: OrderedPayment, accounts: BankAccounts) -> Payment:
    customers = "customer" if payment.qualified_customers == 1 else "customers"
    return Payment(
        end_to_end_id=payment.end_to_end_id,
        uetr=payment.uetr,
        partner_id=payment.partner_id,
        partner_name=payment.partner_name,
        qualified_customers=payment.qualified_customers,
        amount=amount_of(payment.amount_cents),
        currency=order.currency,
        beneficiary=accounts.beneficiaries[payment.partner_id],
        remittance=f"{order.campaign_id} cash-back, "
        f"{payment.qualified_customers} {customers}",
    )


def publish_batch(home: Path, batch: RenderedBatch) -> None:
    """Write the files of a batch to its folder, which appears whole or not at all."""
    order = batch.order
    with working_folder(home) as work:
        draft = work / "batch"
        draft.mkdir(mode=0o755)
        batch.files.write_to(draft)
        publish_folder(draft, batch_folder(home, order.campaign_id, order.batch_id))
    log.info("batch_published", batch_id=order.batch_id)
