"""What a payment file says: who pays whom how much, and when.

An account number shows in no ``repr``: those end up in logs and tracebacks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.errors import DataError

if TYPE_CHECKING:
    from datetime import date, datetime

LAST_DIGITS = 4
CENT = Decimal("0.01")


def money_text(amount: Decimal, what: str) -> str:
    """Return *amount* with its two decimals; *what* it is of is for messages.

    Raises:
        DataError: it has fractions of a cent, which nobody decided to round.
    """
    if not amount.is_finite() or amount != amount.quantize(CENT):
        message = (
            f"the amount of {what} is {amount}, which is not one of whole cents, so "
            "no file was written: an amount has two decimals."
        )
        raise DataError(message)
    return f"{amount:.2f}"


@dataclass(frozen=True, kw_only=True)
class Payer:
    """Whose account is debited: the provider, a setting."""

    name: str
    street_name: str | None = None
    building_number: str | None = None
    post_code: str | None = None
    town_name: str
    country: str
    # One of the two: an IBAN, or a number that the payer's bank knows.
    iban: str | None = field(default=None, repr=False)
    account_number: str | None = field(default=None, repr=False)
    bic: str | None = None
    # The payer's bank in its clearing system: a US routing number.
    clearing_member_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Beneficiary:
    """Whose account is credited, as its newest bank account says."""

    name: str
    street_name: str | None = None
    building_number: str | None = None
    post_code: str | None = None
    town_name: str
    country: str
    iban: str | None = field(default=None, repr=False)
    account_number: str | None = field(default=None, repr=False)
    bic: str | None = None
    routing_number: str | None = None
    bank_name: str | None = None
    bank_country: str | None = None

    @property
    def account_last4(self) -> str:
        """The end of the account's number; nothing of one that has no more."""
        number = self.iban or self.account_number or ""
        return number[-LAST_DIGITS:] if len(number) > LAST_DIGITS else ""


@dataclass(frozen=True, kw_only=True)
class Payment:
    """One wire to one partner."""

    end_to_end_id: str
    uetr: str
    partner_id: str
    partner_name: str
    qualified_customers: int
    amount: Decimal
    currency: str
    beneficiary: Beneficiary
    remittance: str


@dataclass(frozen=True, kw_only=True)
class PaymentFile:
    """One batch, as it is sent to the bank: one message with one payment block."""

    message_id: str
    # Given, never the clock: the same batch is the same bytes on any day.
    created_at: datetime
    execution_date: date
    campaign_id: str
    batch_id: str
    payer: Payer
    payments: tuple[Payment, ...]

    def __post_init__(self) -> None:
        """Put the payments in the order in which every output has them."""
        ordered = sorted(self.payments, key=lambda p: (p.partner_id, p.end_to_end_id))
        object.__setattr__(self, "payments", tuple(ordered))

    @property
    def count(self) -> int:
        """The number of payments."""
        return len(self.payments)

    @property
    def control_sum(self) -> Decimal:
        """What the payments add up to."""
        return sum((payment.amount for payment in self.payments), Decimal("0.00"))
