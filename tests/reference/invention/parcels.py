"""Files to be delivered, and the sender's own counts beside them."""

import hashlib
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from .dialects import Page, lay_out, random_dialect, to_bytes
from .values import Record, chance, pick

PROVIDER = "4242424"
BILLING_REQUIRED = [
    "CustomerId",
    "SyndicationPartnerSubscriptionNumber",
    "DurableOfferId",
    "OfferName",
    "ChargeStartDate",
    "ChargeEndDate",
    "ChargeType",
    "Quantity",
    "Amount",
]
BILLING_OPTIONAL = [
    "PartnerId",
    "CustomerName",
    "OrderId",
    "SubscriptionId",
    "OfferId",
    "SubscriptionStartDate",
    "SubscriptionEndDate",
    "UnitPrice",
    "TotalOtherDiscount",
    "Subtotal",
    "Tax",
    "TotalForCustomer",
    "Currency",
    "DomainName",
    "SubscriptionName",
    "SubscriptionDescription",
    "BillingCycleType",
]
RESELLERS = ("ResellerMpnId", "Tier2MpnId", "MpnId")
PARTNER_DATES = [
    "MpnActiveFrom",
    "MpnActiveTo",
    "ResellerAgreementSignedOn",
    "CspIncentiveEnrolledOn",
    "NonCompliantFrom",
    "NonCompliantTo",
    "AccountVerifiedOn",
    "TermsAcceptedOn",
    "PaymentProfileCompletedOn",
    "TaxProfileCompletedOn",
]
COLUMNS = {
    "license_usage": [
        "SnapshotDate",
        "CustomerTenantId",
        "SubscriptionId",
        "SKUId",
        "MPNID",
        "AvailableSeats",
        "AssignedSeats",
        "IsDuplicateRowForPGA",
    ],
    "customers": ["CustomerId", "TopParentId", "CustomerName", "Segment", "Country"],
    "partners": ["MpnId", "PartnerName", "ContactEmail", "Country", *PARTNER_DATES],
    "competencies": [
        "MpnId",
        "Competency",
        "Level",
        "Status",
        "ActiveFrom",
        "ActiveTo",
    ],
    "proofs": ["MpnId", "DocumentRef", "DocumentSha256", "SubmittedOn", "Status"],
    "bank_accounts": [
        "MpnId",
        "BeneficiaryName",
        "Iban",
        "AccountNumber",
        "Bic",
        "RoutingNumber",
        "BankName",
        "BankCountry",
        "Currency",
        "StreetName",
        "BuildingNumber",
        "PostCode",
        "TownName",
        "Country",
        "ChangedOn",
    ],
}


@dataclass
class Parcel:
    """One file of one delivery; ``records`` are what its page was laid out from."""

    feed: str
    delivery: date
    stem: str
    page: Page
    records: list[Record]
    patch: Callable[[bytes], bytes] | None = None
    control: dict | str | None = None
    is_lost: bool = False

    @property
    def name(self) -> str:
        """Return the file's name."""
        return self.stem + self.page.dialect.ending

    @property
    def invoice(self) -> str:
        """Return the name up to its first dot."""
        return self.name.split(".")[0]


def wrap(
    rng: random.Random, feed: str, delivery: date, stem: str, records: list[Record]
) -> Parcel:
    """Put *records* into a file of any dialect."""
    columns = COLUMNS.get(feed)
    if columns is None:
        columns, records = _as_billing(rng, records)
    page = lay_out(rng, columns, records, random_dialect(rng))
    return Parcel(feed, delivery, stem, page, records)


def _as_billing(rng: random.Random, records: list[Record]):
    """Choose the columns of one billing file, and where its reseller stands."""
    optional = list(BILLING_OPTIONAL)
    if chance(rng, 0.5):
        optional = rng.sample(optional, rng.randrange(len(optional) + 1))
    layout = pick(rng, {"ResellerMpnId": 4, "Tier2MpnId": 2, "both": 1, "MpnId": 2})
    true_name = "ResellerMpnId" if layout == "both" else layout
    decoys = {"both": ["Tier2MpnId", "MpnId"], "MpnId": []}.get(layout, ["MpnId"])
    decoys = [name for name in decoys if chance(rng, 0.7)]
    found = []
    for record in records:
        reseller = record["ResellerMpnId"]
        copy = {name: cell for name, cell in record.items() if name not in RESELLERS}
        found.append(copy | dict.fromkeys(decoys, PROVIDER) | {true_name: reseller})
    return [*BILLING_REQUIRED, true_name, *decoys, *optional], found


def add_control(rng: random.Random, parcel: Parcel) -> None:
    """Let the sender count the file, in any subset of keys."""
    wanted = ["rows", "sha256"]
    if parcel.feed == "billing":
        wanted.append("total_for_customer")
    parcel.control = dict.fromkeys(rng.sample(wanted, rng.randrange(len(wanted) + 1)))


def deliver(rng: random.Random, parcel: Parcel, source: Path) -> None:
    """Write the file and its control file, if it has one."""
    folder = source / parcel.feed / parcel.delivery.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    raw = to_bytes(rng, parcel.page)
    if parcel.patch:
        raw = parcel.patch(raw)
    if not parcel.is_lost:
        (folder / parcel.name).write_bytes(raw)
    if parcel.control is not None:
        said = parcel.control
        if isinstance(said, dict):
            said = json.dumps(counted(parcel, raw, said))
        (folder / f"{parcel.name}.control.json").write_text(said)


def counted(parcel: Parcel, raw: bytes, said: dict) -> dict:
    """Fill in what the control file leaves open with what is true."""
    truth = {
        "rows": len(parcel.page.rows),
        "sha256": hashlib.sha256(raw).hexdigest(),
        "total_for_customer": str(total(parcel.page)),
    }
    return {
        key: truth[key] if value is None else value(truth[key])
        for key, value in said.items()
    }


def total(page: Page) -> Decimal:
    """Add the totals that read, each to cents."""
    if "TotalForCustomer" not in page.columns:
        return Decimal("0.00")
    at = page.columns.index("TotalForCustomer")
    marks = "[.,]" if page.dialect.delimiter == ";" else "[.]"
    found = Decimal("0.00")
    for row in page.rows:
        cell = row[at].strip() if at < len(row) else ""
        if re.fullmatch(rf"-?[0-9]{{1,16}}({marks}[0-9]+)?", cell):
            amount = Decimal(cell.replace(",", "."))
            found += amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return found
