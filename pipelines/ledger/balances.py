"""What the ledger says was earned and paid: sums of its entries, kept nowhere."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.ledger.ledger import Book


@dataclass
class Balance:
    """Cents by customer, of one partner: what it has earned, and what it was paid.

    Paid is what was instructed and has not come back.
    """

    earned: dict[str, int] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=dict)


def partner_balances(book: Book, campaign_id: str) -> dict[str, Balance]:
    """Return the balance of every partner of a campaign."""
    rows = book.rows(
        "select partner_id, customer_id, earned_cents, paid_cents "
        "from customer_balances where campaign_id = :campaign_id "
        "order by partner_id, customer_id",
        campaign_id=campaign_id,
    )
    found: dict[str, Balance] = {}
    for row in rows:
        balance = found.setdefault(row["partner_id"], Balance())
        balance.earned[row["customer_id"]] = row["earned_cents"]
        balance.paid[row["customer_id"]] = row["paid_cents"]
    return found


def overpaid_cents(book: Book, campaign_id: str) -> dict[str, int]:
    """Return by how much each overpaid partner is overpaid."""
    rows = book.rows(
        "select partner_id, owed_cents from partner_balances "
        "where campaign_id = :campaign_id and owed_cents < 0 order by partner_id",
        campaign_id=campaign_id,
    )
    return {row["partner_id"]: -row["owed_cents"] for row in rows}


def batch_count(book: Book, campaign_id: str) -> int:
    """Return how many batches a campaign has had."""
    (row,) = book.rows(
        "select count(*) as batches from batches where campaign_id = :campaign_id",
        campaign_id=campaign_id,
    )
    return int(row["batches"])


def batch_row(book: Book, batch_id: str) -> dict[str, Any] | None:
    """Return a batch with who prepared, approved and released it."""
    rows = book.rows(
        "select * from batches where batch_id = :batch_id", batch_id=batch_id
    )
    return rows[0] if rows else None


@dataclass(frozen=True)
class FollowedRun:
    """A run whose decisions the ledger holds."""

    run_id: str
    known_at: str


def followed_runs(book: Book, campaign_id: str) -> list[FollowedRun]:
    """Return the runs that the ledger has followed, the last one last."""
    rows = book.rows(
        "select entries.run_id, entries.facts from entries inner join ("
        "select max(sequence) as sequence from entries "
        "where campaign_id = :campaign_id and kind in "
        "('earn', 'adjust', 'net', 'prepare') group by run_id) latest "
        "on entries.sequence = latest.sequence order by entries.sequence",
        campaign_id=campaign_id,
    )
    return [
        FollowedRun(row["run_id"], json.loads(row["facts"])["known_at"]) for row in rows
    ]
