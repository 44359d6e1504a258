"""
### Pay a campaign: decide, prepare, ask a person, release, tell the partners

Start it once at a campaign's end, by **Trigger**. It waits for the cut-off date and for
the last day's snapshot of licences, decides, and prepares a batch in the name of
whoever started it.

Then it asks, under **Required Actions**: the question shows the total, and the SHA-256
of the payment file. **Another person than the one who started it** has to approve.
Silence approves nothing, and a byte that changes after the question voids the answer.

* **Rejected**: nothing goes out. Clear `ask` to ask again, or withdraw the batch.
* **Approved**: the payment file is in the destination, by default `outbox/` of the
  home, exactly once, whatever is killed or started again on the way.
* **Owner**: whoever pays the cash-back campaign.
* **When it fails**: the last line of the task's log says what to do; then clear the
  task. See `payment-is-refused.md` and `release-broke-off.md` in `docs/runbooks/`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.sdk import AsyncCallback, DeadlineAlert, DeadlineReference, dag, task

from pipelines.scheduling import campaign_days, question, waiting
from pipelines.scheduling.airflow_tasks import BATCHES, RUNS, TASK_DEFAULTS

WARN = "pipelines.scheduling.deadline.warn_unless_released"


@dag(
    schedule=None,  # started by a person, once a campaign
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    params=question.params(),
    deadline=[
        DeadlineAlert(
            reference=DeadlineReference.FIXED_DATETIME(moment),
            interval=dt.timedelta(0),
            callback=AsyncCallback(WARN),
        )
        for moment in campaign_days.warning_times()
    ],
    description="Pays a campaign, once, by two people",
    tags=["cashback"],
    doc_md=__doc__,
)
def cashback_campaign_close() -> None:
    """Pay a campaign: another person than who starts this approves."""

    ready = waiting.CutOffAndSnapshot(
        task_id="cut_off_and_snapshot",
        doc_md="Wait until the cut-off is past, and the last day's licences are there.",
    )

    @task(outlets=[RUNS], multiple_outputs=False)
    def decide() -> dict[str, Any]:
        """Decide finally, from all that is delivered, and publish the run."""
        from pipelines.scheduling import tasks

        return tasks.decide_finally()

    @task(inlets=[RUNS], outlets=[BATCHES], multiple_outputs=False)
    def prepare(decided: dict[str, Any]) -> dict[str, Any]:
        """Make a batch of what the run owes and nobody was told to pay yet."""
        from pipelines.scheduling import tasks

        return tasks.prepare(decided)

    ask = question.Question(
        task_id="ask",
        prepared_by="prepare",
        inlets=[BATCHES],
        doc_md="Ask another person than who started this; record the approval.",
    )

    @task(inlets=[BATCHES], outlets=[BATCHES], multiple_outputs=False)
    def release(
        approved: dict[str, Any], params: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Send the approved file to the bank, exactly once."""
        from pipelines.scheduling import tasks

        return tasks.release(approved, (params or {}).get("late_reason"))

    @task(inlets=[BATCHES], multiple_outputs=False)
    def notify(released: dict[str, Any]) -> dict[str, Any]:
        """Mail each partner its statement, once; skipped without a mail server."""
        from pipelines.scheduling import tasks

        return tasks.notify(released)

    decided = decide()
    ready >> decided
    prepare(decided) >> ask
    notify(release(ask.output))


cashback_campaign_close()
