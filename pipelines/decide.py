"""Build the models over the inputs of one run, and audit what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from pipelines import engine
from pipelines.errors import DataError
from pipelines.models import FACTS, MODELS, WARNINGS
from pipelines.paths import AUDITS_DIR

if TYPE_CHECKING:
    import duckdb

    from pipelines.progress import Progress

log = structlog.get_logger(__name__)

MAX_EXAMPLES = 5


@dataclass(frozen=True)
class Finding:
    """One warning or audit: what it found, and a few examples."""

    name: str
    found: int
    examples: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as JSON has it."""
        return {
            "name": self.name,
            "found": self.found,
            "examples": list(self.examples),
        }


def build_facts(con: duckdb.DuckDBPyConnection) -> None:
    """Build what the models need of the billing rows, from all of them."""
    for fact in FACTS:
        engine.build(con, fact)


def build_models(con: duckdb.DuckDBPyConnection, progress: Progress) -> dict[str, int]:
    """Build every model in order; return the row count of each."""
    rows = {}
    for model in progress.track(MODELS, "deciding", len(MODELS)):
        rows[model] = engine.build(con, model)
        log.debug("model_built", model=model, rows=rows[model])
    return rows


def run_warnings(con: duckdb.DuckDBPyConnection) -> list[Finding]:
    """Return what is odd in the billing rows and stops nothing."""
    findings = []
    for warning in WARNINGS:
        rows = con.execute(engine.read_sql(warning)).fetchall()
        examples = tuple(f"{subject} ({found})" for subject, found in rows)
        if rows:
            name = warning.rpartition("/")[2]
            findings.append(Finding(name, len(rows), examples[:MAX_EXAMPLES]))
    return findings


def run_audits(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Check every sentence of ``expectations/audits/``; return their names.

    Raises:
        DataError: a sentence does not hold, so that nothing may be published.
    """
    names = []
    for path in sorted(AUDITS_DIR.glob("*.sql")):
        offenders = con.execute(path.read_text(encoding="utf-8")).fetchmany(1)
        if offenders:
            message = (
                f"audit {path.stem!r} does not hold, so nothing was published; first "
                f"offender: {offenders[0]}. See docs/runbooks/audit-failed.md."
            )
            raise DataError(message)
        names.append(path.stem)
    if not names:
        message = f"no audits found in {AUDITS_DIR}, so nothing was published."
        raise DataError(message)
    return names


def control_totals(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Return the totals that tie each step to the one before it, as text."""
    return {name: _totals(con, query) for name, query in _CONTROL_TOTALS.items()}


def _totals(con: duckdb.DuckDBPyConnection, query: str) -> dict[str, str]:
    result = con.execute(query)
    names = [column[0] for column in result.description or ()]
    (values,) = result.fetchall()
    return {name: str(value) for name, value in zip(names, values, strict=True)}


_CONTROL_TOTALS = {
    "billing": "select coalesce(sum(validated_rows), 0) as rows, "
    "coalesce(sum(quantity), 0) as quantity, "
    "cast(coalesce(sum(amount), 0) as decimal(38, 2)) as amount, "
    "cast(coalesce(sum(total_for_customer), 0) as decimal(38, 2)) "
    "as total_for_customer from invoice_totals",
    "seat_rows": "select count(*) as rows, coalesce(sum(seats), 0) as seats "
    "from seat_rows",
    "seat_timeline": "select count(*) as rows, coalesce(sum(seats * "
    "(date_diff('day', from_date, to_date) + 1)), 0) as seat_days from seat_timeline",
    "customer_decisions": "select count(*) as rows, "
    "count(*) filter (where decision = 'qualified') as qualified, "
    "count(*) filter (where decision = 'pending') as pending, "
    "count(*) filter (where decision = 'not_qualified') as not_qualified, "
    "cast(coalesce(sum(reward_amount), 0) as decimal(18, 2)) as rewards "
    "from customer_decisions",
    "partner_payouts": "select count(*) as rows, "
    "cast(coalesce(sum(earned_amount), 0) as decimal(18, 2)) as earned, "
    "cast(coalesce(sum(payable_amount), 0) as decimal(18, 2)) as payable "
    "from partner_payouts",
}
