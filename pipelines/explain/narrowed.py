"""The inputs of a run, narrowed to one customer: enough to decide it again, at once.

No rule looks at another customer's rows. What a rule needs of all rows is kept: which
partners there are among its own, and that a day has a snapshot. Where customers are
known by their top parent, a customer is all of its tenants.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pipelines import engine
from pipelines.explain.changes import Change, apply
from pipelines.explain.typed_files import typed_files
from pipelines.feeds import FEEDS
from pipelines.inputs import add_inputs
from pipelines.models import FACTS, MODELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

    from pipelines.campaign import Campaign
    from pipelines.inputs import RunDates
    from pipelines.recorded import RecordedRun

_OF_CUSTOMER = "{column} in (select tenant_id from own_tenants)"
_OF_PARTNERS = "mpn_id in (select partner_id from own_partners)"
# A copy of another row tells that the measured day has a snapshot, and counts none.
_USAGE = """
select * from license_usage
where customer_tenant_id in (select tenant_id from own_tenants)
union all by name
select * exclude (rank_of_day) replace (true as is_duplicate_row_for_pga)
from (
    select
        license_usage.*,
        row_number() over (
            partition by delivered_on order by source_file, source_row
        ) as rank_of_day
    from license_usage
    where snapshot_date in (select measured_on from run_dates)
)
where rank_of_day = 1
"""


@dataclass
class Narrowed:
    """One customer in a database of its own, in which nothing is published."""

    con: duckdb.DuckDBPyConnection
    customer_id: str
    campaign: Campaign
    dates: RunDates
    # Whether the models were last built over what was delivered, and no more.
    is_as_delivered: bool = False

    def decide_as_delivered(self) -> None:
        """Build every model over what was delivered, unless that was done last."""
        if not self.is_as_delivered:
            self.decide(())
            self.is_as_delivered = True

    def decide(self, changes: Sequence[Change]) -> None:
        """Build every model anew over what was delivered, and over *changes*."""
        self.is_as_delivered = False
        for table in _tables():
            self.con.execute(f"create or replace table {table} as from kept.{table}")
        self.con.execute("create or replace table deliveries as from kept.deliveries")
        for number, change in enumerate(changes, start=1):
            apply(self.con, change, number)
        for model in (*FACTS, *MODELS):
            engine.build(self.con, model)

    def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        """Return what *query* finds, by the names of its columns."""
        result = self.con.execute(query, values)
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def decision(self, partner_id: str | None) -> dict[str, Any] | None:
        """Return the decision on the pair as it was last decided here, if any."""
        found = self.rows(
            "select * from customer_decisions "
            "where customer_id = $customer_id and partner_id is not distinct from $id",
            customer_id=self.customer_id,
            id=partner_id,
        )
        return found[0] if found else None

    def results(self, partner_id: str | None) -> list[dict[str, Any]]:
        """Return the rules of the pair in their order, as last decided here."""
        return self.rows(
            "select rule_id, rule_results.clause, verdict, observed, required, "
            "evidence from rule_results join campaign_rules using (rule_id) "
            "where customer_id = $customer_id and partner_id is not distinct from $id "
            "order by campaign_rules.position",
            customer_id=self.customer_id,
            id=partner_id,
        )


@contextlib.contextmanager
def narrowed(
    run: RecordedRun, customer_id: str, partner_id: str | None = None
) -> Iterator[Narrowed]:
    """Give the customer of a run, decided once as the run had it.

    The rows of *partner_id* are kept too, whether or not it has billed the customer.

    Raises:
        CampaignError: this version cannot read the terms of the run.
        DifferenceError: its terms or typed rows are gone, or have changed.
    """
    campaign, files = run.campaign(), typed_files(run)
    dates = run.dates(campaign)
    # Not in the home: an auditor's copy of it may be there to be read only.
    with TemporaryDirectory() as work, engine.opened(Path(work)) as con:
        add_inputs(con, campaign, dates, files)
        _keep(con, customer_id, partner_id)
        # What is left is small: threads would only wait for each other.
        con.execute("set threads = 1")
        found = Narrowed(con, customer_id, campaign, dates)
        found.decide_as_delivered()
        yield found


def _keep(
    con: duckdb.DuckDBPyConnection, customer_id: str, partner_id: str | None
) -> None:
    """Copy what bears on the customer, and drop the views of everything."""
    con.execute("create schema kept")
    engine.build(con, "marts/customer_identities")
    con.execute(
        "create table own_tenants as select $id as tenant_id, true as is_asked union "
        "select tenant_id, false from customer_identities where customer_id = $id",
        {"id": customer_id},
    )
    for table, query in _queries().items():
        if table == "partners":
            _keep_partners(con, partner_id)
        con.execute(f"create table kept.{table} as {query}")
    for table in _tables():
        kind = _kind(con, table)
        con.execute(f"drop {kind} {table}")
    con.execute("drop table deliveries")


def _kind(con: duckdb.DuckDBPyConnection, table: str) -> str:
    views = con.execute(
        "select count(*) from duckdb_views() where view_name = $name", {"name": table}
    )
    return "view" if views.fetchall() != [(0,)] else "table"


def _keep_partners(con: duckdb.DuckDBPyConnection, partner_id: str | None) -> None:
    con.execute(
        "create table own_partners as "
        "select distinct reseller_mpn_id as partner_id from kept.billing "
        "where reseller_mpn_id is not null union select $id where $id is not null",
        {"id": partner_id},
    )


def _tables() -> list[str]:
    return [*FEEDS, *(f"quarantine_{feed}" for feed in FEEDS)]


def _queries() -> dict[str, str]:
    """Return what is kept of each table, the customer's own rows first."""
    billed = _OF_CUSTOMER.format(column="customer_id")
    queries = {
        "billing": f"from billing where {billed}",
        "license_usage": _USAGE,
        "customers": f"from customers where {billed}",
        "partners": f"from partners where {_OF_PARTNERS}",
        "competencies": f"from competencies where {_OF_PARTNERS}",
        "proofs": f"from proofs where {_OF_PARTNERS}",
        "bank_accounts": f"from bank_accounts where {_OF_PARTNERS}",
    }
    for feed in FEEDS:
        about = billed
        if feed in {"partners", "competencies", "proofs", "bank_accounts"}:
            about = "partner_id in (select partner_id from own_partners)"
        queries[f"quarantine_{feed}"] = f"from quarantine_{feed} where {about}"
    return queries | {"deliveries": "from deliveries"}
