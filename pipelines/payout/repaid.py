"""Record what an overpaid partner paid back by hand: it owes that much less."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipelines.errors import LedgerError, UsageError
from pipelines.ledger.entries import Kind, NewEntry, person
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.verify import refuse_broken_chain
from pipelines.money import cents_of, shown

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.clock import Moment
    from pipelines.ledger.ledger import Book, WritableBook
    from pipelines.settings import Settings

_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?", re.ASCII)
LONGEST_REFERENCE = 140


@dataclass(frozen=True)
class RepaidRequest:
    """Who paid back how much, who saw it arrive, and what the bank calls it."""

    home: Path
    partner_id: str
    amount: str
    by: str
    reference: str
    moment: Moment
    settings: Settings
    campaign_id: str | None = None


@dataclass(frozen=True)
class Repaid:
    """What was recorded, now or before; by how much the partner is still overpaid."""

    campaign_id: str
    partner_id: str
    amount_cents: int
    currency: str
    still_overpaid_cents: int
    is_new: bool


def record_repaid(request: RepaidRequest) -> Repaid:
    """Record a repayment; the same reference and amount again change nothing.

    Raises:
        UsageError: it is no amount, no reference, or not clear of which campaign.
        LedgerError: the partner is not overpaid by that much, or the reference was
            used for another amount.
    """
    cents, who = _cents(request.amount), person(request.by)
    reference = _reference(request.reference)
    ledger = Ledger.open(request.home, request.settings.ledger_address)
    with ledger.writing(request.moment.recorded_at) as book:
        refuse_broken_chain(book, "nothing was recorded")
        known = _known(book, request, reference)
        if known:
            return _again(book, request, known, cents)
        balance = _balance(book, request)
        _refuse_too_much(request, balance, cents)
        book.append(
            NewEntry(
                kind=Kind.REPAY,
                who=who,
                campaign_id=balance["campaign_id"],
                partner_id=request.partner_id,
                amount_cents=cents,
                currency=balance["currency"],
                reason=reference,
                customers=_customers(book, balance, cents),
            )
        )
        return _repaid(book, balance, cents, is_new=True)


def _cents(text: str) -> int:
    if _AMOUNT.fullmatch(text) and (cents := cents_of(Decimal(text))):
        return cents
    message = (
        f"{text!r} is no amount above 0 with at most two decimals; nothing was "
        "recorded: give it as 2000.00."
    )
    raise UsageError(message)


def _reference(text: str) -> str:
    reference = " ".join(text.split())
    if reference.isprintable() and 0 < len(reference) <= LONGEST_REFERENCE:
        return reference
    message = (
        f"a reference has 1 to {LONGEST_REFERENCE} visible characters; nothing was "
        "recorded: give what the bank's statement calls the payment."
    )
    raise UsageError(message)


def _known(book: Book, request: RepaidRequest, reference: str) -> dict[str, Any] | None:
    rows = book.rows(
        "select campaign_id, amount_cents, currency from entries where kind = 'repay' "
        "and partner_id = :partner_id and reason = :reference "
        "and campaign_id = coalesce(:campaign_id, campaign_id)",
        partner_id=request.partner_id,
        reference=reference,
        campaign_id=request.campaign_id,
    )
    return rows[0] if rows else None


def _again(
    book: Book, request: RepaidRequest, known: dict[str, Any], cents: int
) -> Repaid:
    if known["amount_cents"] != cents:
        message = (
            f"partner {request.partner_id} paid back {shown(known['amount_cents'])} "
            f"under that reference, not {shown(cents)}; nothing was recorded: another "
            "payment has another reference."
        )
        raise LedgerError(message)
    balance = known | {"partner_id": request.partner_id}
    return _repaid(book, balance, cents, is_new=False)


def _balance(book: Book, request: RepaidRequest) -> dict[str, Any]:
    """Return the balance that is overpaid."""
    rows = book.rows(
        "select campaign_id, partner_id, currency, owed_cents from partner_balances "
        "where partner_id = :partner_id and owed_cents < 0 "
        "and campaign_id = coalesce(:campaign_id, campaign_id) order by campaign_id",
        partner_id=request.partner_id,
        campaign_id=request.campaign_id,
    )
    if len(rows) > 1:
        names = ", ".join(row["campaign_id"] for row in rows)
        message = (
            f"partner {request.partner_id} is overpaid in {names}; nothing was "
            "recorded: say with --campaign which one it paid back for."
        )
        raise UsageError(message)
    if not rows:
        message = (
            f"partner {request.partner_id} is not overpaid, so nothing was recorded: "
            "`cashback payout prepare RUN --dry-run` shows who is, by the newest run."
        )
        raise LedgerError(message)
    return rows[0]


def _refuse_too_much(
    request: RepaidRequest, balance: dict[str, Any], cents: int
) -> None:
    if cents > -balance["owed_cents"]:
        message = (
            f"partner {request.partner_id} is overpaid by "
            f"{shown(-balance['owed_cents'])} {balance['currency']}, so {shown(cents)} "
            "was not recorded: send back what is too much, and record the rest."
        )
        raise LedgerError(message)


def _customers(
    book: WritableBook, balance: dict[str, Any], cents: int
) -> dict[str, int]:
    """Return which customers it was paid back for: the first that were lost."""
    rows = book.rows(
        "select customer_id, paid_cents - earned_cents as cents from customer_balances "
        "where campaign_id = :campaign_id and partner_id = :partner_id "
        "and paid_cents > earned_cents order by customer_id",
        campaign_id=balance["campaign_id"],
        partner_id=balance["partner_id"],
    )
    found: dict[str, int] = {}
    for row in rows:
        part = min(row["cents"], cents)
        if part:
            found[row["customer_id"]] = -part
        cents -= part
    return found


def _repaid(book: Book, balance: dict[str, Any], cents: int, *, is_new: bool) -> Repaid:
    (row,) = book.rows(
        "select owed_cents from partner_balances where campaign_id = :campaign_id "
        "and partner_id = :partner_id and currency = :currency",
        campaign_id=balance["campaign_id"],
        partner_id=balance["partner_id"],
        currency=balance["currency"],
    )
    return Repaid(
        balance["campaign_id"],
        balance["partner_id"],
        cents,
        balance["currency"],
        max(0, -row["owed_cents"]),
        is_new,
    )
