"""What the ledger has of the payments for a customer; nothing is made or recorded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.errors import LedgerError
from pipelines.ledger.database import ledger_url
from pipelines.ledger.ledger import Ledger
from pipelines.money import shown
from pipelines.settings import load_settings

if TYPE_CHECKING:
    from pipelines.recorded import RecordedRun

_PAYMENTS = """
select
    payments.partner_id, payments.batch_id, payments.end_to_end_id, payments.state,
    line.amount_cents
from payments
inner join entry_customers line on payments.sequence = line.sequence
where payments.campaign_id = :campaign_id and line.customer_id = :customer_id
order by payments.sequence
"""


def payments_of(run: RecordedRun, customer_id: str) -> list[dict[str, Any]] | None:
    """Return the part of each payment that is for the customer, in order.

    None if the ledger cannot be asked now: an explanation does not wait for it.

    Raises:
        CampaignError: the setting of its address is wrong.
    """
    address = load_settings(run.home).ledger_address
    url = ledger_url(run.home, address)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return []
    try:
        with Ledger.open(run.home, address).reading() as book:
            rows = book.rows(
                _PAYMENTS,
                campaign_id=run.manifest["campaign_id"],
                customer_id=customer_id,
            )
    except (LedgerError, OSError):
        return None
    return [{**row, "amount": shown(row.pop("amount_cents"))} for row in rows]
