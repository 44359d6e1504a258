"""Extracts of one partner that qualifies with one customer, for tests to spoil."""

import csv
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from pipelines.second_reading.decide import Result, decide
from pipelines.second_reading.layouts import LAYOUTS
from pipelines.second_reading.terms import Terms

END, CUT_OFF = date(2019, 6, 30), date(2019, 8, 15)
FIRST, SECOND = date(2019, 1, 1), date(2019, 5, 30)
DAY = timedelta(days=1)

SALES = "f28514f0-6516-4ef9-8222-1c605a05d245"
TEAM = "b2ccb51a-43c2-47d4-92db-dbf14553a185"
TRIAL = "eb5bc29f-c744-4d36-8042-68bc11114eda"
CATALOG = f"""durable_offer_id,offer_name,is_purchase,counts_as_seat
{SALES},Dynamics 365 for Sales Professional,true,true
{TEAM},Dynamics 365 Team Members,true,false
{TRIAL},Dynamics 365 Business Central Premium Trial,false,false
"""
PARTNER, OTHER = "1000001", "2000002"
CUSTOMER = "aaaaaaaa-0000-0000-0000-000000000001"
SUBSCRIPTION = "bbbbbbbb-0000-0000-0000-000000000001"
SECOND_SUBSCRIPTION = "bbbbbbbb-0000-0000-0000-000000000002"

BILLED = {
    "CustomerId": CUSTOMER,
    "ResellerMpnId": PARTNER,
    "SyndicationPartnerSubscriptionNumber": SUBSCRIPTION,
    "DurableOfferId": SALES,
    "OfferName": "Dynamics 365 for Sales Professional",
    "ChargeStartDate": "2019-02-01",
    "ChargeEndDate": "2020-01-31",
    "ChargeType": "Purchase fee",
    "Quantity": "15",
    "Amount": "795.00",
}
ASSIGNED = {
    "SnapshotDate": "2019-06-30",
    "CustomerTenantId": CUSTOMER,
    "SubscriptionId": SUBSCRIPTION,
    "AssignedSeats": "15",
    "IsDuplicateRowForPGA": "0",
}
LONG_AGO = "2018-01-01"
LISTED = {
    "MpnId": PARTNER,
    "MpnActiveFrom": LONG_AGO,
    "ResellerAgreementSignedOn": LONG_AGO,
    "CspIncentiveEnrolledOn": LONG_AGO,
    "AccountVerifiedOn": LONG_AGO,
    "TermsAcceptedOn": LONG_AGO,
    "PaymentProfileCompletedOn": LONG_AGO,
    "TaxProfileCompletedOn": LONG_AGO,
}
COMPETENT = {
    "MpnId": PARTNER,
    "Competency": "Cloud Platform",
    "Level": "Gold",
    "Status": "Active",
    "ActiveFrom": LONG_AGO,
}
PROVEN = {"MpnId": PARTNER, "SubmittedOn": "2019-07-31", "Status": "Accepted"}
REACHABLE = {
    "MpnId": PARTNER,
    "BeneficiaryName": "Acme",
    "TownName": "Hull",
    "Country": "GB",
    "Iban": "GB82 WEST 1234 5698 7654 32",
}
FEEDS = {
    "billing": [BILLED],
    "license_usage": [ASSIGNED],
    "customers": [{"CustomerId": CUSTOMER, "Segment": "SMB"}],
    "partners": [LISTED, LISTED | {"MpnId": OTHER}],
    "competencies": [COMPETENT, COMPETENT | {"MpnId": OTHER}],
    "proofs": [PROVEN, PROVEN | {"MpnId": OTHER}],
    "bank_accounts": [REACHABLE, REACHABLE | {"MpnId": OTHER}],
}


@dataclass
class Extracts:
    """The seven feeds, and the folder that they are written to."""

    root: Path
    feeds: dict[str, list[dict]] = field(default_factory=lambda: deepcopy(FEEDS))

    def __getitem__(self, feed: str) -> list[dict]:
        """Return the rows of a feed, which a test may change."""
        return self.feeds[feed]

    def write(
        self,
        feed: str,
        rows: list[dict],
        *,
        delivery: str = "2019-08-01",
        name: str = "one.csv",
    ) -> Path:
        """Write one file of one delivery."""
        path = self.root / "source" / feed / delivery / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            columns = list(LAYOUTS[feed].columns)
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
        return path

    def decide(
        self,
        as_of: date = END,
        known_at: date = CUT_OFF,
        terms: Terms | None = None,
    ) -> Result:
        """Write the feeds as they now are, in one delivery, and decide."""
        for feed, rows in self.feeds.items():
            if rows:
                self.write(feed, rows)
        catalog = self.root / "catalog.csv"
        catalog.write_text(CATALOG)
        share = Decimal("0.9")
        return decide(
            self.root / "source", catalog, terms or Terms(), as_of, known_at, share
        )

    def one_decision(self, **settings) -> tuple[str, list[str], list[str]]:
        """Return the decision and what failed and is pending of the one candidate."""
        (made,) = self.decide(**settings).decisions.values()
        return made["decision"], made["failed_rules"], made["pending_rules"]
