"""The bank's answers: picked up every hour, recorded, and what is odd is an alarm."""

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
    tags=["cashback"],
    doc_md=__doc__,
)
def cashback_settlement() -> None:
    """Follow each payment until the bank has booked it."""

    @task
    def collect() -> list[str]:
        from pipelines.scheduling import tasks

        return tasks.collect()

    @task(outlets=[BATCHES])
    def take_in(names: list[str]) -> dict[str, Any]:
        from pipelines.scheduling import tasks

        return tasks.take_in(names)

    # A task that fails is the alarm: whoever watches the scheduler is told.
    @task
    def alarm(imported: dict[str, Any]) -> dict[str, Any]:
        from pipelines.scheduling import tasks

        return tasks.alarm(imported)

    alarm(take_in(collect()))


cashback_settlement()
