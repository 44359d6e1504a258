"""What the report asks of the published tables of a run, and of nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines import engine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

# More rows than a browser shows at ease; the page says which file has the others.
MOST_CUSTOMERS = 10_000
MOST_LISTED = 500
MEMORY = "600MB"
_TABLES = ("customer_decisions", "rule_results", "partner_payouts")


def answered(
    folder: Path, rules: Sequence[str], work: Path, threads: int = engine.WORKERS
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every question about a run's folder.

    The ids of the campaign's *rules* come in their order. They are asked in a database
    of their own, which spills to *work*.
    """
    with engine.opened(work, threads=threads, memory=MEMORY) as con:
        _add_published(con, folder, rules)
        return {name: _asked(con, name) for name in QUERIES}


def _add_published(
    con: duckdb.DuckDBPyConnection, folder: Path, rules: Sequence[str]
) -> None:
    """Make the tables of a run's folder, and the campaign's rules in their order."""
    import pyarrow as pa

    for table in _TABLES:
        path = engine.quoted_path(folder / f"{table}.parquet")
        con.execute(
            f"create or replace temporary view published_{table} as "
            f"from read_parquet({path}, hive_partitioning = false)"
        )
    order = pa.table(
        {
            "rule_id": pa.array(rules, pa.string()),
            "position": pa.array(range(len(rules)), pa.int32()),
        }
    )
    engine.add_tables(con, {"published_rules": order})


def _asked(con: duckdb.DuckDBPyConnection, name: str) -> list[dict[str, Any]]:
    """Return the rows of one question, by the names of their columns."""
    result = con.execute(QUERIES[name])
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


QUERIES = {
    # A candidate that fails several rules counts with the first of them.
    "first_failures": """
select first_rule.rule_id, count(*) as customers
from (
    select failed_rules[1] as rule_id
    from published_customer_decisions where decision = 'not_qualified'
) as first_rule
inner join published_rules on first_rule.rule_id = published_rules.rule_id
group by first_rule.rule_id, published_rules.position
order by published_rules.position
""",
    "rules": """
with alone as (
    select failed_rules[1] as rule_id, count(*) as customers
    from published_customer_decisions
    where len(failed_rules) = 1 and len(pending_rules) = 0
    group by all
)
select
    published_rules.rule_id,
    count(*) filter (where verdict = 'pass') as passed,
    count(*) filter (where verdict = 'pending') as pending,
    count(*) filter (where verdict = 'fail') as failed,
    coalesce(any_value(alone.customers), 0) as alone
from published_rules
left join published_rule_results as results
    on published_rules.rule_id = results.rule_id
left join alone on published_rules.rule_id = alone.rule_id
group by published_rules.rule_id, published_rules.position
order by published_rules.position
""",
    "seats": """
select 'billed' as kind, billed_seats as seats, count(*) as customers
from published_customer_decisions group by all
union all
select 'assigned', assigned_seats, count(*)
from published_customer_decisions group by all
order by kind, seats nulls last
""",
    "partners": """
select
    payouts.partner_id, payouts.partner_name, payouts.qualified_customers,
    payouts.pending_customers,
    coalesce(others.not_qualified_customers, 0) as not_qualified_customers,
    payouts.earned_amount, payouts.status, payouts.hold_reasons,
    payouts.payable_amount
from published_partner_payouts as payouts
left join (
    select partner_id, count(*) as not_qualified_customers
    from published_customer_decisions where decision = 'not_qualified' group by all
) as others on payouts.partner_id = others.partner_id
order by payouts.payable_amount desc, payouts.earned_amount desc, payouts.partner_id
""",
    # One rule short, or the two of the seats: one cure is all that it takes.
    "near_misses": f"""
with short as (
    select partner_id, customer_id, failed_rules
    from published_customer_decisions
    where
        len(pending_rules) = 0
        and (len(failed_rules) = 1 or failed_rules = ['billed_seats', 'assigned_seats'])
),
seen as (
    select
        short.partner_id, short.customer_id,
        string_agg(results.rule_id, ', ' order by published_rules.position) as rules,
        string_agg(results.observed, '; ' order by published_rules.position)
            as observed,
        string_agg(distinct results.required, '; ') as required
    from short
    inner join published_rule_results as results
        on short.partner_id is not distinct from results.partner_id
        and short.customer_id = results.customer_id
    inner join published_rules on results.rule_id = published_rules.rule_id
    where list_contains(short.failed_rules, results.rule_id)
    group by all
)
select
    seen.partner_id, payouts.partner_name, seen.rules, seen.observed, seen.required,
    count(*) as customers, min(seen.customer_id) as customer_id,
    count(*) over () as listed
from seen
left join published_partner_payouts as payouts
    on seen.partner_id = payouts.partner_id
group by
    seen.partner_id, payouts.partner_name, seen.rules, seen.observed, seen.required
order by customers desc, seen.partner_id nulls last, rules, observed
limit {MOST_LISTED}
""",
    # All that keeps these customers from being paid for is the enrolment.
    "not_enrolled": """
select
    decisions.partner_id, payouts.partner_name, count(*) as customers,
    min(results.verdict) as verdict
from published_customer_decisions as decisions
inner join published_rule_results as results
    on decisions.partner_id = results.partner_id
    and decisions.customer_id = results.customer_id
left join published_partner_payouts as payouts
    on decisions.partner_id = payouts.partner_id
where
    results.rule_id = 'program_enrolment' and results.verdict <> 'pass'
    and list_concat(decisions.failed_rules, decisions.pending_rules)
    = ['program_enrolment']
group by decisions.partner_id, payouts.partner_name
order by decisions.partner_id
""",
    "waiting": """
select count(*) as customers from published_customer_decisions
where decision = 'pending' and list_contains(pending_rules, 'complete_evidence')
""",
    "customers": f"""
with shown as (
    select
        *,
        case decision when 'pending' then 1 when 'not_qualified' then 2 else 3 end
            as position
    from published_customer_decisions
    order by position, partner_id nulls last, customer_id
    limit {MOST_CUSTOMERS}
),
reasons as (
    select
        results.partner_id, results.customer_id,
        string_agg(
            replace(results.rule_id, '_', ' ') || ': ' || results.observed, chr(10)
            order by published_rules.position
        ) as reasons,
        string_agg(
            case
                when length(results.evidence) > 160
                    then left(results.evidence, 160) || ' and more'
                else nullif(results.evidence, '')
            end, chr(10) order by published_rules.position
        ) as evidence
    from published_rule_results as results
    inner join published_rules on results.rule_id = published_rules.rule_id
    where results.verdict <> 'pass'
    group by all
)
select
    shown.partner_id, shown.customer_id, shown.decision,
    cast(shown.onboarded_on as varchar) as onboarded_on, shown.billed_seats,
    shown.assigned_seats, shown.failed_rules, shown.pending_rules,
    reasons.reasons, reasons.evidence
from shown
left join reasons
    on shown.partner_id is not distinct from reasons.partner_id
    and shown.customer_id = reasons.customer_id
order by shown.position, shown.partner_id nulls last, shown.customer_id
""",
}
