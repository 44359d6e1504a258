"""
### Follow each payment until the bank has booked it

Every hour the bank's answers (`pain.002`, `camt.054`) are picked up and recorded in the
ledger. Then the task `alarm` **fails**, and so alarms, when a person has to look:

* an answer is held, because it does not fit what was ordered;
* a payment was rejected or returned, and is owed again;
* the bank has said nothing for two banking days after the execution date;
* the last day to pay any campaign is at most ten banking days away, or just past, and
  not all that is owed is released: the ledger is asked, whoever released it.

The same answers again record nothing.

* **Owner**: whoever pays the cash-back campaign.
* **When it fails**: the last line of the log says why. `cashback payout list` shows
  every payment; `docs/runbooks/bank-answer-is-held.md` and
  `docs/runbooks/payment-is-refused.md` say what to do.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, task

from pipelines.scheduling.airflow_tasks import BATCHES, TASK_DEFAULTS


@dag(
    schedule=CronTriggerTimetable("15 * * * *", timezone="UTC"),
    start_date=dt.datetime(2019, 7, 1, tzinfo=dt.UTC),
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    description="Takes in the bank's answers; fails if a person has to look",
    tags=["cashback"],
    doc_md=__doc__,
)
def cashback_settlement() -> None:
    """Follow each payment until the bank has booked it."""

    @task
    def collect() -> list[str]:
        """List the bank's answers in the inbox."""
        from pipelines.scheduling import tasks

        return tasks.collect()

    @task(outlets=[BATCHES], multiple_outputs=False)
    def take_in(names: list[str]) -> dict[str, Any]:
        """Record what the answers say; the same files again record nothing."""
        from pipelines.scheduling import tasks

        return tasks.take_in(names)

    # A task that fails is the alarm: whoever watches the scheduler is told.
    @task(inlets=[BATCHES], multiple_outputs=False)
    def alarm(imported: dict[str, Any]) -> dict[str, Any]:
        """Fail on whatever a person has to look at; otherwise count the payments."""
        from pipelines.scheduling import tasks

        return tasks.alarm(imported)

    alarm(take_in(collect()))


cashback_settlement()
