"""What the DAG files share: retries, names of pools and assets, and the context."""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

from airflow.sdk import (
    Asset,
    ExceptionRetryPolicy,
    RetryAction,
    RetryRule,
    get_current_context,
)

# So many steps at once, on a small machine: `airflow pools set cashback 2 ...`.
POOL = os.environ.get("CASHBACK_POOL", "cashback")
# Trying again helps where a server could not be reached, and nowhere else.
RETRIES = 3
UNREACHABLE_FOR = dt.timedelta(minutes=5)
# A task whose worker was killed goes on at once.
RETRY_DELAY = dt.timedelta(seconds=10)
UNREACHABLE = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            ["pipelines.errors.SourceError", "pipelines.errors.DestinationError"],
            RetryAction.RETRY,
            UNREACHABLE_FOR,
        ),
        RetryRule(
            "pipelines.errors.CashbackError",
            RetryAction.FAIL,
            reason="trying again gives the same",
        ),
    ]
)
TASK_DEFAULTS: dict[str, Any] = {
    "owner": "cashback",
    "retries": RETRIES,
    "retry_delay": RETRY_DELAY,
    "retry_policy": UNREACHABLE,
    "pool": POOL,
}

RUNS = Asset("x-cashback://runs")
BATCHES = Asset("x-cashback://batches")


def validated(feed: str) -> Asset:
    """Return the asset that a feed's typed rows are."""
    return Asset(f"x-cashback://validated/{feed}")


def night() -> str:
    """Return the date whose deliveries this run may know: the night's, in ISO form.

    A run started by hand without a date knows what is delivered until today.
    """
    from pipelines.scheduling.surroundings import surroundings

    context: Any = get_current_context()
    start = context.get("data_interval_start")
    day = start.date() if start else surroundings().moment().today
    return str(day.isoformat())


def started_by() -> str | None:
    """Return who started this run by hand; None if the scheduler did."""
    context: Any = get_current_context()
    name: str | None = context["dag_run"].triggering_user_name
    return name


def this_run() -> str:
    """Return what no other run is called, in whichever database of Airflow."""
    context: Any = get_current_context()
    run = context["dag_run"]
    return f"{run.dag_id} {run.run_id} {run.run_after.isoformat()}"


def chosen_campaign() -> str | None:
    """Return the campaign that whoever started this run chose; None if none is asked.

    Only what the form offers: a path would be other terms than anybody has seen.
    """
    context: Any = get_current_context()
    name: str | None = context["params"].get("campaign")
    return name


def tell(asset: Asset, facts: dict[str, Any]) -> None:
    """Attach facts to the asset event of this task: lineage shows them."""
    context: Any = get_current_context()
    context["outlet_events"][asset].extra = _flat(facts)


def tell_received(feed: str, facts: dict[str, Any]) -> None:
    """Say that this task made the typed rows of one feed, and attach facts.

    The page names it as what makes each of the seven, which it is; but of those that
    it did not receive, it has nothing to tell.
    """
    context: Any = get_current_context()
    context["ti"].task.outlets = [validated(feed)]
    tell(validated(feed), facts)


def tell_nothing() -> None:
    """Say that this task made nothing new of what it is there to make."""
    context: Any = get_current_context()
    context["ti"].task.outlets = []


def _flat(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in facts.items() if not isinstance(one, dict)}
