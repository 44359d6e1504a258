"""What the files in force say together: one answer per question that rules ask."""

import csv
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from pipelines.second_reading.feeds import bad_rows, good_rows
from pipelines.second_reading.reading import Extract, Row
from pipelines.second_reading.seats import Subscription
from pipelines.second_reading.terms import Readings

COPY = "1"
Item = TypeVar("Item")
Key = TypeVar("Key")


@dataclass(frozen=True)
class Catalog:
    """The products, by durable offer id."""

    known: frozenset[str]
    seat_offers: frozenset[str]
    purchase_offers: frozenset[str]
    # The offers of each product family.
    families: Mapping[str, frozenset[str]] = field(default_factory=dict)


def load_catalog(
    path: Path,
    families: Collection[str] | None = None,
    light_use_counts: bool = False,
) -> Catalog:
    """Read the SKU catalogue; a product is looked up by its id, never its name.

    A seat counts in one of *families* alone, if any are named; with
    *light_use_counts*, so do the licences that the price list calls Team Members.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        products = [
            {str(name).strip(): str(cell).strip() for name, cell in row.items()}
            for row in csv.DictReader(file)
        ]
    return Catalog(
        known=_offers(products),
        seat_offers=_offers(
            [
                product
                for product in products
                if families is None or product["family"].lower() in families
            ],
            "counts_as_seat",
        )
        | _offers(
            [
                product
                for product in products
                if light_use_counts and "team member" in product["offer_name"].lower()
            ],
            "is_purchase",
        ),
        purchase_offers=_offers(products, "is_purchase"),
        families={
            family: _offers(found)
            for family, found in _grouped(
                products, lambda product: product.get("family", "").lower()
            ).items()
        },
    )


def _offers(products: list[dict[str, str]], flag: str | None = None) -> frozenset[str]:
    return frozenset(
        product["durable_offer_id"].lower()
        for product in products
        if flag is None or product[flag].lower() == "true"
    )


@dataclass(frozen=True)
class Facts:
    """Valid and quarantined rows of all feeds, as seen on one measured date."""

    extracts: Mapping[str, list[Extract]]
    catalog: Catalog
    measured_on: date
    readings: Readings = field(default_factory=Readings)

    def good(self, feed: str) -> list[Row]:
        """Return a feed's valid rows, in order of delivery, file name and row."""
        return self._good[feed]

    @cached_property
    def _good(self) -> dict[str, list[Row]]:
        return {feed: good_rows(extracts) for feed, extracts in self.extracts.items()}

    def bad(self, feed: str) -> list[Row]:
        """Return a feed's quarantined rows, in the same order."""
        return bad_rows(self.extracts[feed])

    def has_delivery(self, feed: str) -> bool:
        """Tell whether any delivery of *feed* is known."""
        return bool(self.extracts[feed])

    @cached_property
    def subscriptions(self) -> list[Subscription]:
        """Return every subscription of every customer, with all its known rows."""
        rows: dict[tuple[str, str], list[Row]] = {}
        for row in self.good("billing"):
            number = row["SyndicationPartnerSubscriptionNumber"]
            customer = self.known_as(row["CustomerId"])
            rows.setdefault((customer, number), []).append(row)
        return [
            Subscription(
                customer,
                number,
                rows[customer, number],
                self.measured_on,
                self.catalog.seat_offers,
                self.catalog.purchase_offers,
                self.readings.zero_amount == "counted",
            )
            for customer, number in sorted(rows)
        ]

    def known_as(self, tenant: str) -> str:
        """Return the customer that a tenant is, or is of."""
        return self._parents.get(tenant, tenant)

    @cached_property
    def _parents(self) -> dict[str, str]:
        if self.readings.identity != "top_parent":
            return {}
        listed = self._last_by_key("customers")
        return {
            tenant: row["TopParentId"]
            for tenant, row in listed.items()
            if row["TopParentId"]
        }

    def of_customer(self, customer: str) -> list[Subscription]:
        """Return the subscriptions of *customer*, with any partner."""
        return self._by_customer.get(customer, [])

    @cached_property
    def _by_customer(self) -> dict[str, list[Subscription]]:
        return _grouped(self.subscriptions, lambda each: each.customer)

    @cached_property
    def snapshot(self) -> list[Row] | None:
        """Return the usage rows of exactly the measured date, copies left out.

        The newest delivery that holds the date wins whole; None if none holds it.
        """
        rows = self._usage_of_measured_date()
        if not rows:
            return None
        newest = max(row.file.delivery for row in rows)
        return [
            row
            for row in rows
            if row.file.delivery == newest and row["IsDuplicateRowForPGA"] != COPY
        ]

    def _usage_of_measured_date(self) -> list[Row]:
        rows = self.good("license_usage")
        return [row for row in rows if row["SnapshotDate"] == self.measured_on]

    @cached_property
    def faulty_rows(self) -> Counter[str]:
        """Count the quarantined billing and usage rows that name a customer."""
        held = [row.file.delivery for row in self._usage_of_measured_date()]
        suspects = self.bad("billing") + [
            row
            for row in self.bad("license_usage")
            if self._may_be_measured(row)
            and not any(delivery > row.file.delivery for delivery in held)
        ]
        return Counter(self.known_as(row.key) for row in suspects if row.key)

    def _may_be_measured(self, row: Row) -> bool:
        """Tell whether a bad usage row may be of the measured day.

        A ragged row has no date that reads, nor has one whose date is missing.
        """
        return row["SnapshotDate"] in (None, self.measured_on)

    def _last_by_key(self, feed: str) -> dict[str, Row]:
        """Return the last valid row of each key, by file name, then row."""
        return {row.key: row for row in self.good(feed)}

    @cached_property
    def customers(self) -> dict[str, Row]:
        """Return the customers by id; of a top parent, its own row if it has one."""
        listed = self._last_by_key("customers")
        last = {self.known_as(row.key): row for row in self.good("customers")}
        own = {key: row for key, row in listed.items() if self.known_as(key) == key}
        return last | own

    @cached_property
    def partners(self) -> dict[str, Row]:
        """Return the partners by MPN id."""
        return self._last_by_key("partners")

    @cached_property
    def unreadable_partners(self) -> set[str]:
        """Return the partners whose every row is in quarantine: they are pending."""
        named = {row.key for row in self.bad("partners") if row.key}
        return named - self.partners.keys()

    @cached_property
    def bank_accounts(self) -> dict[str, Row]:
        """Return one account a partner: the newest ChangedOn, then the last row."""
        rows = self.good("bank_accounts")
        ordered = sorted(rows, key=lambda row: row["ChangedOn"] or date.min)
        return {row.key: row for row in ordered}

    def rows_of_partner(self, feed: str, partner: str | None) -> list[Row]:
        """Return a partner's rows of a feed that holds many rows a partner."""
        return self._by_partner[feed].get(partner, [])

    @cached_property
    def _by_partner(self) -> dict[str, dict[str | None, list[Row]]]:
        feeds = ("competencies", "proofs")
        return {feed: _grouped(self.good(feed), lambda row: row.key) for feed in feeds}

    def snapshot_of(self, customer: str) -> list[Row]:
        """Return the rows of the measured day's snapshot that name *customer*."""
        return self._snapshot_by_customer.get(customer, [])

    @cached_property
    def _snapshot_by_customer(self) -> dict[str, list[Row]]:
        return _grouped(self.snapshot or [], lambda row: self.known_as(row.key))


def _grouped(
    items: Iterable[Item], key: Callable[[Item], Key]
) -> dict[Key, list[Item]]:
    """Return the items of each key, in the order in which they came."""
    found: dict[Key, list[Item]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return found
