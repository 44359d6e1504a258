"""The columns of the seven feeds, their types and which may be blank (section 3)."""

from collections.abc import Mapping
from dataclasses import dataclass

# Two other names under which a billing file may carry its reseller, in the order in
# which they stand in for the name of the contract.
RESELLER, RESELLER_NAMES = "ResellerMpnId", ("ResellerMpnId", "Tier2MpnId", "MpnId")


@dataclass(frozen=True)
class Layout:
    """One feed: columns in order, the typed ones, the never-blank ones, the key."""

    feed: str
    columns: tuple[str, ...]
    kinds: Mapping[str, str]
    never_blank: frozenset[str]
    key: str
    required: frozenset[str]
    # The columns that rules read; the others are checked, and decide nothing more.
    decisive: frozenset[str]
    accumulates: bool = False
    may_be_missing: bool = False

    @property
    def names_a_customer(self) -> bool:
        """Tell whether a row's key is a customer."""
        return self.key in ("CustomerId", "CustomerTenantId")

    @property
    def date_columns(self) -> tuple[str, ...]:
        """Return the columns whose values decide the file's style of date."""
        return tuple(name for name in self.columns if self.kinds.get(name) == "date")


def _words(names: str) -> tuple[str, ...]:
    return tuple(names.split())


def _kinds(**columns: str) -> dict[str, str]:
    return {name: kind for kind, names in columns.items() for name in _words(names)}


def _snapshot(
    feed: str,
    columns: str,
    kinds: dict[str, str],
    *,
    also: str = "",
    missing: bool = False,
) -> Layout:
    """Describe a full snapshot; *also* names what may not be blank besides the key."""
    names = _words(columns)
    return Layout(
        feed=feed,
        columns=names,
        kinds=kinds,
        never_blank=frozenset([names[0], *_words(also)]),
        key=names[0],
        required=frozenset(names),
        decisive=frozenset(names),
        may_be_missing=missing,
    )


BILLING_NEVER_BLANK = frozenset(
    _words(
        "CustomerId SyndicationPartnerSubscriptionNumber DurableOfferId "
        "ChargeStartDate ChargeEndDate Quantity Amount"
    )
)
BILLING = Layout(
    feed="billing",
    columns=_words(
        "PartnerId CustomerId CustomerName MpnId ResellerMpnId OrderId SubscriptionId "
        "SyndicationPartnerSubscriptionNumber OfferId DurableOfferId OfferName "
        "SubscriptionStartDate SubscriptionEndDate ChargeStartDate ChargeEndDate "
        "ChargeType UnitPrice Quantity Amount TotalOtherDiscount Subtotal Tax "
        "TotalForCustomer Currency DomainName SubscriptionName "
        "SubscriptionDescription BillingCycleType"
    ),
    kinds=_kinds(
        guid="CustomerId SyndicationPartnerSubscriptionNumber DurableOfferId",
        date="SubscriptionStartDate SubscriptionEndDate ChargeStartDate ChargeEndDate",
        price="UnitPrice",
        whole="Quantity",
        money="Amount TotalOtherDiscount Subtotal Tax TotalForCustomer",
    ),
    never_blank=BILLING_NEVER_BLANK,
    key="CustomerId",
    required=BILLING_NEVER_BLANK | {"OfferName", "ChargeType"},
    decisive=BILLING_NEVER_BLANK | {"ChargeType", RESELLER},
    accumulates=True,
)

USAGE_COLUMNS = _words(
    "SnapshotDate CustomerTenantId SubscriptionId SKUId MPNID AvailableSeats "
    "AssignedSeats IsDuplicateRowForPGA"
)
LICENSE_USAGE = Layout(
    feed="license_usage",
    columns=USAGE_COLUMNS,
    kinds=_kinds(
        guid="CustomerTenantId SubscriptionId",
        date="SnapshotDate",
        whole="AvailableSeats AssignedSeats",
        flag="IsDuplicateRowForPGA",
    ),
    never_blank=frozenset(USAGE_COLUMNS) - {"SKUId", "MPNID", "AvailableSeats"},
    key="CustomerTenantId",
    required=frozenset(USAGE_COLUMNS),
    decisive=frozenset(USAGE_COLUMNS) - {"SKUId", "MPNID", "AvailableSeats"},
    accumulates=True,
    may_be_missing=True,
)

CUSTOMERS = _snapshot(
    "customers",
    "CustomerId TopParentId CustomerName Segment Country",
    _kinds(guid="CustomerId TopParentId"),
)

PARTNERS = _snapshot(
    "partners",
    "MpnId PartnerName ContactEmail Country MpnActiveFrom MpnActiveTo "
    "ResellerAgreementSignedOn CspIncentiveEnrolledOn NonCompliantFrom NonCompliantTo "
    "AccountVerifiedOn TermsAcceptedOn PaymentProfileCompletedOn TaxProfileCompletedOn",
    _kinds(
        date="MpnActiveFrom MpnActiveTo ResellerAgreementSignedOn "
        "CspIncentiveEnrolledOn NonCompliantFrom NonCompliantTo AccountVerifiedOn "
        "TermsAcceptedOn PaymentProfileCompletedOn TaxProfileCompletedOn"
    ),
)

COMPETENCIES = _snapshot(
    "competencies",
    "MpnId Competency Level Status ActiveFrom ActiveTo",
    _kinds(level="Level", competency_status="Status", date="ActiveFrom ActiveTo"),
    also="Competency Level Status",
)

PROOFS = _snapshot(
    "proofs",
    "MpnId DocumentRef DocumentSha256 SubmittedOn Status",
    _kinds(date="SubmittedOn", proof_status="Status"),
    also="Status",
    missing=True,
)

BANK_ACCOUNTS = _snapshot(
    "bank_accounts",
    "MpnId BeneficiaryName Iban AccountNumber Bic RoutingNumber BankName BankCountry "
    "Currency StreetName BuildingNumber PostCode TownName Country ChangedOn",
    _kinds(date="ChangedOn"),
    missing=True,
)

LAYOUTS = {
    layout.feed: layout
    for layout in (
        BILLING,
        LICENSE_USAGE,
        CUSTOMERS,
        PARTNERS,
        COMPETENCIES,
        PROOFS,
        BANK_ACCOUNTS,
    )
}
