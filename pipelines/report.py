"""The run as one self-contained page: no network, no clock, no secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.paths import PROJECT_DIR

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from pipelines.campaign import Campaign
    from pipelines.inputs import RunDates

TEMPLATES = PROJECT_DIR / "pipelines" / "templates"

_RULES = """
select
    campaign_rules.rule_id, campaign_rules.clause,
    count(*) filter (where verdict = 'pass') as passed,
    count(*) filter (where verdict = 'pending') as pending,
    count(*) filter (where verdict = 'fail') as failed
from campaign_rules
left join rule_results on campaign_rules.rule_id = rule_results.rule_id
group by all order by min(campaign_rules.position)
"""
_PARTNERS = """
select
    partner_id, partner_name, qualified_customers, pending_customers,
    earned_amount, status, replace(coalesce(hold_reasons, ''), ',', ', ') as holds,
    payable_amount
from partner_payouts order by partner_id
"""


def report_html(  # noqa: PLR0913, PLR0917 - a page shows what there is
    con: duckdb.DuckDBPyConnection,
    identity: str,
    campaign: Campaign,
    dates: RunDates,
    quality: Mapping[str, Any],
    totals: Mapping[str, Mapping[str, str]],
) -> str:
    """Return the page of a run from its models, its quality and its totals."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        run_id=identity,
        campaign=campaign,
        dates=dates,
        quality=quality,
        totals=totals,
        rules=con.execute(_RULES).fetchall(),
        partners=con.execute(_PARTNERS).fetchall(),
    )
