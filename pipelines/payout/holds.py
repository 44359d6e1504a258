"""What keeps a payment back although it is owed: it is paid when cured."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pipelines.errors import UsageError
from pipelines.ledger.entries import person, person_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.ledger.ledger import Book
    from pipelines.payout.bank_accounts import BankAccounts
    from pipelines.payout.final_run import FinalRun

BANK_ACCOUNT = "bank_account"
ACCOUNT_CHANGED = "account_changed"


@dataclass(frozen=True)
class AccountCheck:
    """Somebody asked the partner, and the changed account is the partner's own."""

    partner_id: str
    checked_by: str
    reason: str

    def as_dict(self) -> dict[str, str]:
        """Return the check as the ledger records it."""
        return asdict(self)


def account_checks(
    partner_ids: tuple[str, ...], by: str | None, reason: str | None, preparer: str
) -> dict[str, AccountCheck]:
    """Return the checks that were made, by partner.

    Raises:
        UsageError: nobody, or the preparer, is named as who made them.
    """
    if not partner_ids:
        return {}
    if not by or not (reason or "").strip() or person_key(by) == person_key(preparer):
        message = (
            "a changed bank account is paid after a second look by another person than "
            "the preparer; nothing was prepared: give --checked-by NAME and "
            "--check-reason TEXT with --account-checked."
        )
        raise UsageError(message)
    name, why = person(by), " ".join(str(reason).split())
    return {partner: AccountCheck(partner, name, why) for partner in partner_ids}


def payment_holds(
    run: FinalRun,
    accounts: BankAccounts,
    book: Book,
    today: dt.date,
    checks: Mapping[str, AccountCheck],
) -> dict[str, tuple[str, ...]]:
    """Return why each partner is not paid now; nothing of those who are."""
    changed = _changed_accounts(run, accounts, book, today) - checks.keys()
    found = {}
    for partner_id, partner in run.partners.items():
        reasons = list(partner.hold_reasons)
        if partner_id not in accounts.beneficiaries and BANK_ACCOUNT not in reasons:
            reasons.append(BANK_ACCOUNT)
        if partner_id in changed:
            reasons.append(ACCOUNT_CHANGED)
        if reasons:
            found[partner_id] = tuple(reasons)
    return found


def _changed_accounts(
    run: FinalRun, accounts: BankAccounts, book: Book, today: dt.date
) -> set[str]:
    """Return whose account is new: whoever asked for that may be a thief.

    It waits for a number of days; and if it is another one than was paid to before,
    until somebody has asked.
    """
    quiet_days = run.term("payment", "account_quiet_days")
    if quiet_days is None:
        return set()
    quiet_since = today - dt.timedelta(days=int(quiet_days))
    last_paid = _last_payments(book, run.campaign_id)
    return {
        partner
        for partner, changed_on in accounts.changed_on.items()
        if changed_on is not None
        and (
            changed_on > quiet_since
            or changed_on >= last_paid.get(partner, dt.date.max)
        )
    }


def _last_payments(book: Book, campaign_id: str) -> dict[str, dt.date]:
    """Return when the last payment to each partner was prepared."""
    rows = book.rows(
        "select payments.partner_id, batches.facts from payments "
        "inner join batches on payments.batch_id = batches.batch_id "
        "where payments.campaign_id = :campaign_id order by payments.sequence",
        campaign_id=campaign_id,
    )
    return {
        row["partner_id"]: dt.date.fromisoformat(
            json.loads(row["facts"])["prepared_on"]
        )
        for row in rows
    }
