"""What a run published about a customer or a partner, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines import engine
from pipelines.publish import check_published
from pipelines.quarantine import chosen_run
from pipelines.recorded import recorded_run
from pipelines.report import CURES

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from pipelines.recorded import RecordedRun

_TABLES = ("customer_decisions", "rule_results", "partner_payouts")
_RULES = """
select rule_id, clause, verdict, observed, required, evidence
from published_rule_results
where customer_id = $customer_id and partner_id is not distinct from $partner_id
"""
# The first rule that does not pass says why, in the campaign's order.
_CUSTOMERS = """
with first_open as (
    select
        decisions.customer_id, decisions.decision, decisions.billed_seats,
        decisions.assigned_seats, decisions.reward_amount,
        list_concat(decisions.failed_rules, decisions.pending_rules)[1] as rule_id
    from published_customer_decisions as decisions
    where decisions.partner_id is not distinct from $partner_id
)
select
    first_open.customer_id, first_open.decision, first_open.billed_seats,
    first_open.assigned_seats, first_open.reward_amount, first_open.rule_id,
    results.clause, results.verdict, results.observed, results.required
from first_open
left join published_rule_results as results
    on first_open.customer_id = results.customer_id
    and results.partner_id is not distinct from $partner_id
    and first_open.rule_id = results.rule_id
order by
    case first_open.decision
        when 'pending' then 1 when 'not_qualified' then 2 else 3
    end,
    first_open.customer_id
"""


def published_run(home: Path, run: str | None) -> RecordedRun:
    """Return a run, by default the newest one, after a look at every byte of it.

    Raises:
        UsageError: there is no such run.
        DifferenceError: it is not as it was published.
    """
    folder = chosen_run(home, run)
    check_published(folder)
    return recorded_run(home, str(folder))


class Published:
    """The published tables of a run, in a database that may hold others beside them."""

    def __init__(self, run: RecordedRun, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        for table in _TABLES:
            path = engine.quoted_path(run.folder / f"{table}.parquet")
            con.execute(
                f"create or replace temporary view published_{table} as "
                f"from read_parquet({path}, hive_partitioning = false)"
            )

    def decisions(self, customer_id: str) -> list[dict[str, Any]]:
        """Return the decision on each pair of a customer."""
        return self._rows(
            "from published_customer_decisions where customer_id = $customer_id",
            customer_id=customer_id,
        )

    def rules(self, customer_id: str, partner_id: str | None) -> list[dict[str, Any]]:
        """Return the rules of a pair, in the campaign's order."""
        return self._rows(_RULES, customer_id=customer_id, partner_id=partner_id)

    def payout(self, partner_id: str | None) -> dict[str, Any] | None:
        """Return what a partner earned and what holds it; None without a candidate."""
        found = self._rows(
            "select partner_name, status, earned_amount, payable_amount, hold_reasons "
            "from published_partner_payouts where partner_id = $partner_id",
            partner_id=partner_id,
        )
        if not found:
            return None
        (row,) = found
        amounts = ("earned_amount", "payable_amount")
        cures = {
            reason: CURES.get(reason, "what is missing is given")
            for reason in row["hold_reasons"]
        }
        return row | {name: str(row[name]) for name in amounts} | {"cures": cures}

    def customers(self, partner_id: str | None) -> list[dict[str, Any]]:
        """Return a partner's customers, each with the first rule that it misses."""
        return [
            row | {"reward_amount": str(row["reward_amount"])}
            for row in self._rows(_CUSTOMERS, partner_id=partner_id)
        ]

    def customer_name(self) -> str | None:
        """Return the name of the narrowed customer in the extracts, for people."""
        ((name,),) = self._con.execute(
            "select coalesce((select max(customer_name) from customers), "
            "(select max(customer_name) from billing))"
        ).fetchall()
        return str(name) if name else None

    def _rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        result = self._con.execute(query, values)
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
