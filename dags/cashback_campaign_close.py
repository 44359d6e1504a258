"""A campaign's end: decide, prepare, ask a person, release, tell the partners."""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import (
    DeadlineAlert,
    DeadlineReference,
    Param,
    SyncCallback,
    dag,
    task,
)

from pipelines.scheduling import campaign_days
from pipelines.scheduling.airflow_tasks import BATCHES, RUNS, TASK_DEFAULTS

WARN = "pipelines.scheduling.deadline.warn_unless_released"
BATCH = "ti.xcom_pull(task_ids='prepare')"


@dag(
    schedule=None,  # started by a person, once a campaign
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    params={
        "late_reason": Param(
            None,
            type=["null", "string"],
            description="Why it is paid after the last day, if it is; recorded.",
        )
    },
    deadline=[
        DeadlineAlert(
            reference=DeadlineReference.FIXED_DATETIME(moment),
            interval=dt.timedelta(0),
            callback=SyncCallback(WARN),
        )
        for moment in campaign_days.warning_times()
    ],
    tags=["cashback"],
    doc_md=__doc__,
)
def cashback_campaign_close() -> None:
    """Pay a campaign: another person than who starts this approves."""

    @task.sensor(
        mode="reschedule",
        poke_interval=dt.timedelta(minutes=30),
        timeout=dt.timedelta(days=120),
    )
    def cut_off_and_snapshot() -> bool:
        from pipelines.scheduling import tasks

        return tasks.is_ready()

    @task(outlets=[RUNS])
    def decide() -> dict[str, Any]:
        from pipelines.scheduling import tasks

        return tasks.decide_finally()

    @task(outlets=[BATCHES])
    def prepare(decided: dict[str, Any]) -> dict[str, Any]:
        from pipelines.scheduling import tasks

        return tasks.prepare(decided)

    # No defaults and no time-out: silence approves nothing.
    ask = ApprovalOperator(
        task_id="ask",
        subject=f"Pay {{{{ {BATCH}['total'] }}}} {{{{ {BATCH}['currency'] }}}}: "
        f"batch {{{{ {BATCH}['batch_id'] }}}}?",
        body=f"{{{{ {BATCH}['payments'] }}}} payments, "
        f"{{{{ {BATCH}['total'] }}}} {{{{ {BATCH}['currency'] }}}}, to be executed on "
        f"{{{{ {BATCH}['execution_date'] }}}}; last day to pay "
        f"{{{{ {BATCH}['pay_by'] }}}}.\n\nSHA-256 of the payment file: "
        f"`{{{{ {BATCH}['sha256'] }}}}`\n\nPrepared by "
        f"{{{{ {BATCH}['prepared_by'] }}}}: somebody else has to approve.",
        ignore_downstream_trigger_rules=True,
    )

    @task
    def approve(prepared: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        from pipelines.scheduling import tasks

        return tasks.approve(prepared, answer)

    @task(outlets=[BATCHES])
    def release(
        approved: dict[str, Any], params: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        from pipelines.scheduling import tasks

        return tasks.release(approved, (params or {}).get("late_reason"))

    @task
    def notify(released: dict[str, Any]) -> dict[str, Any]:
        from pipelines.scheduling import tasks

        return tasks.notify(released)

    decided = decide()
    cut_off_and_snapshot() >> decided
    prepared = prepare(decided)
    prepared >> ask
    notify(release(approve(prepared, ask.output)))


cashback_campaign_close()
