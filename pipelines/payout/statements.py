"""What a partner is told of a batch: every customer considered, and what is missing.

A statement is a function of the run, the batch and what was paid before it: the same
bytes each time. It says nothing of any other partner, and of an account four digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.files import digest_of
from pipelines.money import amount_of, cents_of
from pipelines.pages import page
from pipelines.payout.cures import PRIVATE, cure_of_hold, cure_of_rule
from pipelines.payout.payout_csv import csv_line
from pipelines.payout.statement_facts import paid_before, payments_of, published_rows
from pipelines.recorded import recorded_run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal
    from pathlib import Path

    from pipelines.ledger.ledger import Book
    from pipelines.payout.batches import Batch
    from pipelines.payout.statement_facts import Row

# As data/README.md describes them.
COLUMNS = (
    "batch_id",
    "partner_id",
    "partner_name",
    "customer_id",
    "customer_name",
    "decision",
    "onboarded_on",
    "billed_seats",
    "assigned_seats",
    "reward_amount",
    "currency",
    "pay_by",
    "failed_rules",
    "pending_rules",
    "missing",
    "cure",
    "held_by",
)
BACK = {"rejected", "returned"}


@dataclass(frozen=True)
class Statement:
    """What one partner is told, and where."""

    partner: Row
    customers: Sequence[Row]
    payment: Row | None  # of this batch; None if it pays the partner nothing
    holds: Sequence[Row]
    paid_before_cents: int
    terms: Row
    batch_id: str
    is_draft: bool

    @property
    def partner_id(self) -> str:
        """The MPN id of the partner."""
        return str(self.partner["partner_id"])

    @property
    def address(self) -> str:
        """Where to write to, as delivered."""
        return str(self.partner["contact_email"]).strip()

    @property
    def paid_before(self) -> Decimal:
        """What earlier batches paid."""
        return amount_of(self.paid_before_cents)

    @property
    def open_cents(self) -> int:
        """What is earned and not paid with this batch; below 0 it was overpaid."""
        is_owed = self.partner["status"] in {"payable", "held"}
        earned = cents_of(self.partner["earned_amount"]) if is_owed else 0
        return earned - self._paid_cents

    @property
    def open_amount(self) -> Decimal:
        """The size of what is open, whichever way."""
        return amount_of(abs(self.open_cents))

    @property
    def came_back(self) -> bool:
        """Whether the bank refused the payment, or it was returned, by now."""
        return self.payment is not None and self.payment["state"] in BACK

    @property
    def said(self) -> str:
        """The digest of what it says, whichever batch it comes with."""
        return digest_of(
            [
                {name: str(value) for name, value in self.partner.items()},
                [
                    {name: str(value) for name, value in customer.items()}
                    for customer in self.customers
                ],
                [str(hold) for hold in self.holds],
                self._paid_cents,
            ]
        )

    @property
    def _paid_cents(self) -> int:
        now = self.payment["amount_cents"] if self.payment else 0
        return self.paid_before_cents + int(now)

    def html(self) -> bytes:
        """Return the page: one file, without any network or script."""
        return page("statement.html.j2", s=self).encode("utf-8")

    def csv(self) -> bytes:
        """Return the customers as a table for a spreadsheet."""
        rows = [COLUMNS, *(self._cells(customer) for customer in self.customers)]
        return "".join(map(csv_line, rows)).encode("utf-8")

    def _cells(self, customer: Row) -> tuple[str, ...]:
        rules = customer["open_rules"]
        values = customer | {
            "batch_id": f"DRAFT {self.batch_id}" if self.is_draft else self.batch_id,
            "partner_name": self.partner["partner_name"],
            "pay_by": self.partner["pay_by"],
            "failed_rules": "; ".join(customer["failed_rules"]),
            "pending_rules": "; ".join(customer["pending_rules"]),
            "missing": "; ".join(f"{rule['name']}: {rule['why']}" for rule in rules),
            "cure": " ".join(dict.fromkeys(rule["cure"] for rule in rules)),
            "held_by": self._held_by if customer["decision"] == "qualified" else "",
        }
        return tuple("" if values[x] is None else str(values[x]) for x in COLUMNS)

    @property
    def _held_by(self) -> str:
        return "; ".join(f"{hold['name']}: {hold['cure']}" for hold in self.holds)


def statements(home: Path, batch: Batch, book: Book, work: Path) -> list[Statement]:
    """Return a statement for each partner of the batch's run, in their order.

    Raises:
        UsageError: the run is not in this home.
        DifferenceError: the run, or what it was computed from, has changed.
    """
    run = recorded_run(home, batch.row["run_id"])
    found = published_rows(run, work)
    payments, before = payments_of(home, batch, book), paid_before(batch, book)
    rules = _grouped(found["rules"], "partner_id", "customer_id")
    order = [rule["id"] for rule in run.manifest["terms"]["rules"]]
    customers = _grouped(found["customers"], "partner_id")
    return [
        Statement(
            partner,
            [
                _customer(
                    row, rules.get((row["partner_id"], row["customer_id"]), []), order
                )
                for row in customers[partner["partner_id"],]
            ],
            payments.get(partner["partner_id"]),
            [
                {"name": name, "cure": cure_of_hold(name)}
                for name in partner["hold_reasons"]
            ],
            before.get(partner["partner_id"], 0),
            run.manifest["terms"],
            batch.batch_id,
            is_draft=not batch.row["released_by"],
        )
        for partner in found["partners"]
    ]


def _customer(row: Row, rules: Sequence[Row], order: Sequence[str]) -> Row:
    """Return a customer as its partner may see it, with what is missing and why."""
    ranked = sorted(rules, key=lambda rule: order.index(rule["rule_id"]))
    is_ours = not any(rule["rule_id"] == "onboarded_by_partner" for rule in rules)
    return row | {
        # Another partner's first day is that partner's business.
        "onboarded_on": row["onboarded_on"] if is_ours else None,
        "open_rules": [_open_rule(rule, is_ours=is_ours) for rule in ranked],
    }


def _open_rule(rule: Mapping[str, Any], *, is_ours: bool) -> Row:
    name = rule["rule_id"]
    why = PRIVATE.get(name)
    if why is None:
        why = f"required {rule['required']}"
        if is_ours or name != "onboarded_in_window":
            why = f"seen {rule['observed'] or 'nothing'}, {why}"
    return {
        "name": name,
        "clause": rule["clause"],
        "verdict": rule["verdict"],
        "why": why,
        "cure": cure_of_rule(name, rule["verdict"]),
    }


def _grouped(rows: Sequence[Row], *keys: str) -> dict[tuple[str, ...], list[Row]]:
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    return groups
