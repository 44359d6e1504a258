"""The seven feeds: their columns, keys, and how their deliveries add up.

Source: the extract formats agreed with the senders (docs/feeds.md).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

BILLING_COLUMNS = [
    "PartnerId",
    "CustomerId",
    "CustomerName",
    "MpnId",
    "ResellerMpnId",
    "OrderId",
    "SubscriptionId",
    "SyndicationPartnerSubscriptionNumber",
    "OfferId",
    "DurableOfferId",
    "OfferName",
    "SubscriptionStartDate",
    "SubscriptionEndDate",
    "ChargeStartDate",
    "ChargeEndDate",
    "ChargeType",
    "UnitPrice",
    "Quantity",
    "Amount",
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

# The others may be absent from an invoice: nothing is decided by them.
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

USAGE_COLUMNS = [
    "SnapshotDate",
    "CustomerTenantId",
    "SubscriptionId",
    "SKUId",
    "MPNID",
    "AvailableSeats",
    "AssignedSeats",
    "IsDuplicateRowForPGA",
]

CUSTOMER_COLUMNS = ["CustomerId", "TopParentId", "CustomerName", "Segment", "Country"]

PARTNER_COLUMNS = [
    "MpnId",
    "PartnerName",
    "ContactEmail",
    "Country",
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

COMPETENCY_COLUMNS = [
    "MpnId",
    "Competency",
    "Level",
    "Status",
    "ActiveFrom",
    "ActiveTo",
]

PROOF_COLUMNS = ["MpnId", "DocumentRef", "DocumentSha256", "SubmittedOn", "Status"]

BANK_ACCOUNT_COLUMNS = [
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
]

_ACRONYMS = {"MPNID": "mpn_id", "SKUId": "sku_id"}


def snake_case(header: str) -> str:
    """Return the column name of a contract header.

    >>> snake_case("SyndicationPartnerSubscriptionNumber")
    'syndication_partner_subscription_number'
    >>> snake_case("MPNID"), snake_case("IsDuplicateRowForPGA")
    ('mpn_id', 'is_duplicate_row_for_pga')
    """
    if header in _ACRONYMS:
        return _ACRONYMS[header]
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", header).lower()


def header_key(header: str) -> str:
    """Return what two spellings of one header have in common.

    >>> header_key(" Customer_ID") == header_key("CustomerId")
    True
    """
    return re.sub("[ _]", "", header.strip()).lower()


@dataclass(frozen=True)
class Feed:
    """One feed of the source, as its sender promises it."""

    name: str
    headers: tuple[str, ...]
    required: frozenset[str]
    # A run without any delivery of an optional feed goes on, with a warning.
    is_optional: bool = False
    # An accumulating feed is the sum of its deliveries; else the newest wins.
    accumulates: bool = False
    is_secret: bool = False
    # Columns whose texts sql/staging/ judges by one another: the dates first. Only a
    # feed that names them can be typed by its values, as large files are.
    judged_together: tuple[tuple[str, ...], ...] = ()

    @property
    def columns(self) -> dict[str, str]:
        """Header key -> column name, for every listed column."""
        return {header_key(header): snake_case(header) for header in self.headers}


def _feed(name: str, headers: list[str], **facts: Any) -> Feed:
    return Feed(name, tuple(headers), frozenset(headers), **facts)


FEEDS: Mapping[str, Feed] = {
    feed.name: feed
    for feed in (
        Feed(
            "billing",
            tuple(BILLING_COLUMNS),
            frozenset(BILLING_REQUIRED),
            accumulates=True,
            judged_together=(
                (
                    "subscription_start_date",
                    "subscription_end_date",
                    "charge_start_date",
                    "charge_end_date",
                ),
                ("durable_offer_id", "offer_name"),
            ),
        ),
        _feed("license_usage", USAGE_COLUMNS, is_optional=True, accumulates=True),
        _feed("customers", CUSTOMER_COLUMNS),
        _feed("partners", PARTNER_COLUMNS),
        _feed("competencies", COMPETENCY_COLUMNS),
        _feed("proofs", PROOF_COLUMNS, is_optional=True),
        _feed("bank_accounts", BANK_ACCOUNT_COLUMNS, is_optional=True, is_secret=True),
    )
}

# Another layout's name for the same thing; the listed name wins over it.
RESELLER_ALIASES = ("tier2mpnid", "mpnid")
