"""Made-up batches: payers, partners and accounts that check, in any number."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from pipelines.payout.identifiers import end_to_end_id, message_id, uetr
from pipelines.payout.payment import Beneficiary, Payer, Payment, PaymentFile

CAMPAIGN = "d365-smb-2019"
EXECUTION_DATE = dt.date(2019, 9, 27)
CREATED_AT = dt.datetime(2019, 9, 20, 9, 30, tzinfo=dt.UTC)
PAYER_IBAN = "NL52NWND0020190630"
PAYER_NUMBER = "700100200300"
# Ways to reach an account: in the US, by IBAN in many countries, by BIC and number.
WAYS: tuple[dict[str, str], ...] = (
    {"account_number": "000123456789", "routing_number": "021000021"},
    {"iban": "GB82WEST12345698765432"},
    {"iban": "DE89370400440532013000", "bic": "DEUTDEFF"},
    {"account_number": "98-76", "bic": "CHASUS33XXX"},
    {"iban": "NO9386011117947"},
    {"account_number": "4711", "bic": "SBININBB"},
    {"iban": "MT84MALT011000012345MTLCAST001S", "bic": "MALTMTMT"},
    {"account_number": "55", "routing_number": "121000358", "bic": "BOFAUS6SXXX"},
)
PLACES = (
    {"town_name": "Leeds", "country": "GB", "post_code": "LS1 1AA"},
    {"town_name": "Łódź", "country": "PL", "post_code": "90-001"},
    {"town_name": "São Paulo", "country": "BR"},
    {"town_name": "Zürich", "country": "CH", "building_number": "12 a"},
)
NAMES = ("Contoso & Söhne", "Fabrikam, Inc.", "北京科技", "Œuvre 🚀 Ltd", "O'Neil + Co")


def payer(**changes: Any) -> Payer:
    """Return a payer whose account has an IBAN; *changes* replace its values."""
    values: dict[str, Any] = {
        "name": "Northwind Distribution",
        "street_name": "Canal Street",
        "building_number": "1",
        "post_code": "1012 AB",
        "town_name": "Amsterdam",
        "country": "NL",
        "iban": PAYER_IBAN,
        "bic": "NWNDNL2A",
    }
    return Payer(**values | changes)


def american_payer() -> Payer:
    """Return a payer whose account has a number and a US routing number."""
    return payer(
        iban=None,
        account_number=PAYER_NUMBER,
        bic="CHASUS33",
        clearing_member_id="021000021",
        town_name="New York",
        country="US",
    )


def beneficiary(number: int = 0, **changes: Any) -> Beneficiary:
    """Return the account of the partner of that number."""
    values: dict[str, Any] = {
        "name": NAMES[number % len(NAMES)],
        "street_name": "High Street",
        "bank_name": "A bank",
        **PLACES[number % len(PLACES)],
        **WAYS[number % len(WAYS)],
    }
    return Beneficiary(**values | changes)


def payment(number: int = 0, batch: str = "1", **changes: Any) -> Payment:
    """Return the payment to the partner of that number."""
    partner_id = f"48{number:05d}"
    values: dict[str, Any] = {
        "end_to_end_id": end_to_end_id(CAMPAIGN, batch, partner_id),
        "uetr": uetr(CAMPAIGN, batch, partner_id),
        "partner_id": partner_id,
        "partner_name": NAMES[number % len(NAMES)],
        "qualified_customers": 1 + number % 3,
        "amount": Decimal("2000.00") * (1 + number % 3),
        "currency": "USD",
        "beneficiary": beneficiary(number),
        "remittance": f"Cash-back {CAMPAIGN}",
    }
    return Payment(**values | changes)


def payment_file(count: int = 1, batch: str = "1", **changes: Any) -> PaymentFile:
    """Return a batch of so many payments."""
    values: dict[str, Any] = {
        "message_id": message_id(CAMPAIGN, batch),
        "created_at": CREATED_AT,
        "execution_date": EXECUTION_DATE,
        "campaign_id": CAMPAIGN,
        "batch_id": f"batch-{batch}",
        "payer": payer(),
        "payments": tuple(payment(number, batch) for number in range(count)),
    }
    return PaymentFile(**values | changes)
