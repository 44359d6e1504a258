"""The feeds beside billing: usage counts, and the five full snapshots."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from pipelines.feeds import FEEDS
from pipelines.generation.cells import Cell, Record, spoiled
from pipelines.generation.dialects import DIALECTS, PLAIN
from pipelines.generation.tables import Table, open_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pipelines.generation.partners import Partner
    from pipelines.generation.story import Story
    from pipelines.generation.subscriptions import Subscription, Usage
    from pipelines.generation.timetable import UsageDelivery
    from pipelines.generation.world import World

USAGE_SKU = "DYN365"
# Of the full snapshots, only these are there from the start.
EARLY_FEEDS = ("customers", "partners", "competencies")


class UsageFiles:
    """The counts of assigned licences, one file a delivery."""

    def __init__(self, out: Path, world: World, *, is_varied: bool) -> None:
        self._deliveries = world.table.usage
        self._measured = world.last_day
        self._tables = [
            open_table(
                out / "license_usage" / delivery.delivered_on.isoformat(),
                "license-usage",
                FEEDS["license_usage"].headers,
                DIALECTS[place % len(DIALECTS)] if is_varied else PLAIN,
            )
            for place, delivery in enumerate(self._deliveries)
        ]

    def add(self, story: Story) -> None:
        """Write what was counted of a customer's subscriptions."""
        for subscription in story.subscriptions:
            if subscription.usage:
                self._add(subscription, subscription.usage)

    def _add(self, subscription: Subscription, usage: Usage) -> None:
        for delivery, table in zip(self._deliveries, self._tables, strict=True):
            for day in delivery.snapshots:
                if subscription.starts_on <= day <= subscription.ends_on:
                    cells = (usage.spoiled or {}).get(self._count_of(delivery))
                    for record in _usage_records(subscription, usage, delivery, day):
                        table.add(spoiled(record, cells))

    def _count_of(self, delivery: UsageDelivery) -> str:
        """Return the name by which a story spoils a count."""
        if delivery.is_first_count:
            return "first"
        if delivery.is_final_count:
            return "final"
        return "later" if delivery is self._deliveries[-1] else "earlier"

    def close(self) -> int:
        """Close every file; return how many rows there are."""
        for table in self._tables:
            table.close()
        return sum(table.rows for table in self._tables)


def _usage_records(
    subscription: Subscription, usage: Usage, delivery: UsageDelivery, day: dt.date
) -> list[Record]:
    lines = subscription.lines
    assigned = usage.assigned
    if delivery.is_first_count and usage.first is not None:
        assigned = usage.first
    record: Record = {
        "SnapshotDate": day,
        "CustomerTenantId": subscription.customer.customer_id,
        "SubscriptionId": subscription.number,
        "SKUId": USAGE_SKU,
        "MPNID": lines[-1].reseller if lines else "",
        "AvailableSeats": max(assigned, lines[-1].seats if lines else 0),
        "AssignedSeats": assigned,
        "IsDuplicateRowForPGA": 0,
    }
    if not usage.copies:
        return [record]
    copy = {"AssignedSeats": usage.copies, "IsDuplicateRowForPGA": 1}
    return [record, record | copy]


class SnapshotFiles:
    """The five full snapshots, each delivered a few times."""

    def __init__(self, out: Path, world: World, *, is_varied: bool) -> None:
        self._days = world.table.snapshots_on
        self._segment = world.campaign.segment
        self._tables: dict[tuple[str, dt.date], Table] = {}
        feeds = [name for name, feed in FEEDS.items() if not feed.accumulates]
        for place, feed in enumerate(feeds):
            days = self._days if feed in EARLY_FEEDS else self._days[1:]
            for turn, day in enumerate(days):
                number = 3 * place + turn + 1
                self._tables[feed, day] = open_table(
                    out / feed / day.isoformat(),
                    feed.replace("_", "-"),
                    FEEDS[feed].headers,
                    DIALECTS[number % len(DIALECTS)] if is_varied else PLAIN,
                )

    def add_customer(self, story: Story) -> None:
        """List a customer in each delivery that can know it."""
        customer = story.customer
        plain: Record = {
            "CustomerId": customer.customer_id,
            "TopParentId": customer.parent_id,
            "CustomerName": customer.name,
            "Segment": self._segment,
            "Country": customer.country,
        }
        known = min(line.first for s in story.subscriptions for line in s.lines)
        for day in self._days[:-1]:
            if known <= day and story.listings:
                segment = story.earlier_segment
                earlier: Record = {} if segment is None else {"Segment": segment}
                self._tables["customers", day].add(plain | earlier)
        for listing in story.listings:
            self._tables["customers", self._days[-1]].add({**plain, **listing})

    def add_partner(self, partner: Partner) -> None:
        """Write everything that is known of a partner, delivery by delivery."""
        for day in self._days[:-1]:
            self._add_as_known(partner, day)
        newest = self._days[-1]
        if partner.is_listed:
            self._add_all("partners", newest, [*partner.earlier_rows, partner.row])
        self._add_all("competencies", newest, partner.competencies)
        self._add_all("proofs", newest, partner.proofs)
        self._add_all("bank_accounts", newest, partner.accounts)

    def _add_as_known(self, partner: Partner, day: dt.date) -> None:
        """Write what an older delivery can know; proofs are all pending still."""
        if partner.is_listed:
            self._add("partners", day, _as_known(partner.row, day))
        held = [r for r in partner.competencies if _is_known(r["ActiveFrom"], day)]
        self._add_all("competencies", day, [_as_known(row, day) for row in held])
        if day == self._days[0]:
            return
        handed_in = [r for r in partner.proofs if _is_known(r["SubmittedOn"], day)]
        pending: Record = {"Status": "Pending"}
        self._add_all("proofs", day, [row | pending for row in handed_in])
        given = [row for row in partner.accounts if _is_known(row["ChangedOn"], day)]
        self._add_all("bank_accounts", day, given)

    def _add_all(self, feed: str, day: dt.date, rows: Sequence[Record]) -> None:
        for row in rows:
            self._add(feed, day, row)

    def _add(self, feed: str, day: dt.date, row: Mapping[str, Cell]) -> None:
        self._tables[feed, day].add(dict(row))

    def close(self) -> int:
        """Close every file; return how many rows there are."""
        for table in self._tables.values():
            table.close()
        return sum(table.rows for table in self._tables.values())


def _is_known(value: Cell, day: dt.date) -> bool:
    return not isinstance(value, dt.date) or value <= day


def _as_known(row: Mapping[str, Cell], day: dt.date) -> Record:
    """Return a row as it was on a day: what came later is blank.

    When a period ends may be known before.
    """
    return {
        column: value if column.endswith("To") or _is_known(value, day) else None
        for column, value in row.items()
    }
