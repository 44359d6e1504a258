"""The campaign of 2019 as a script holds it: its terms, its files, their layout."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

FIRST_DAY, LAST_DAY = dt.date(2019, 1, 1), dt.date(2019, 6, 30)
ELIGIBILITY_DATES = (dt.date(2019, 1, 1), dt.date(2019, 5, 30))
PROOF_DUE_ON = dt.date(2019, 7, 31)
MINIMUM_SEATS, REWARD = 15, Decimal("2000.00")
ADMITTED_FROM = dict.fromkeys(
    (
        "cloud customer relationship management",
        "cloud platform",
        "cloud productivity",
        "data analytics",
        "data platform",
        "enterprise mobility management",
        "small and midmarket cloud solutions",
        "windows and devices",
    ),
    dt.date.min,
) | {
    "cloud business applications": dt.date(2018, 7, 1),
    "isv": dt.date(2018, 7, 1),
    "enterprise resource planning": dt.date(2018, 10, 1),
}
CATALOG = Path(__file__).parent.parent.parent / "data" / "reference" / "sku_catalog.csv"

GUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
BILLING_GUIDS = ["CustomerId", "SyndicationPartnerSubscriptionNumber", "DurableOfferId"]
BILLING_DATES = [
    "SubscriptionStartDate",
    "SubscriptionEndDate",
    "ChargeStartDate",
    "ChargeEndDate",
]
BILLING_MONEY = [
    "Amount",
    "TotalOtherDiscount",
    "Subtotal",
    "Tax",
    "TotalForCustomer",
]
BILLING_REQUIRED = [
    *BILLING_GUIDS,
    "ChargeStartDate",
    "ChargeEndDate",
    "Quantity",
    "Amount",
]


def live_invoices(source: Path) -> list[Path]:
    """Return the newest version of each invoice, in the order of their delivery."""
    newest = {path.name: path for path in sorted(source.glob("billing/*/*.csv"))}
    return sorted(newest.values())


def usage_files(source: Path) -> list[Path]:
    """Return every delivery of assigned licences."""
    return sorted(source.glob("license_usage/*/*.csv"))


def newest_file(source: Path, feed: str) -> Path:
    """Return the newest snapshot of *feed*."""
    return max(source.glob(f"{feed}/*/*.csv"))


def columns_of(path: Path) -> list[str]:
    """Return the names in a file's first line."""
    with path.open(encoding="utf-8-sig") as file:
        return file.readline().strip().split(",")
