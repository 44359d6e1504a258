"""Every night of a campaign: receive and type each feed, judge, decide, publish."""

from __future__ import annotations

from typing import Any

from airflow.sdk import CronDataIntervalTimetable, dag, task

from pipelines.scheduling import campaign_days
from pipelines.scheduling.airflow_tasks import RUNS, TASK_DEFAULTS, validated
from pipelines.scheduling.campaign_days import FEED_NAMES

FIRST_NIGHT, LAST_NIGHT = campaign_days.nights()


@dag(
    schedule=CronDataIntervalTimetable("0 2 * * *", timezone="UTC"),
    start_date=FIRST_NIGHT,
    end_date=LAST_NIGHT,
    catchup=True,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    tags=["cashback"],
    doc_md=__doc__,
)
def cashback_nightly() -> None:
    """Decide as of each night, from what was delivered until then."""

    @task
    def night() -> str:
        from pipelines.scheduling import airflow_tasks

        return airflow_tasks.night()

    @task(
        outlets=[validated(feed) for feed in FEED_NAMES],
        max_active_tis_per_dagrun=2,
        map_index_template="{{ task.op_kwargs['feed'] }}",
    )
    def receive(feed: str, known_at: str) -> dict[str, Any]:
        from pipelines.scheduling import tasks

        return tasks.receive(feed, known_at)

    @task
    def judge(known_at: str) -> dict[str, Any]:
        from pipelines.scheduling import tasks

        return tasks.judge(known_at)

    @task(outlets=[RUNS])
    def decide(known_at: str) -> dict[str, Any]:
        from pipelines.scheduling import tasks

        return tasks.decide(known_at)

    @task
    def standing(decided: dict[str, Any]) -> dict[str, Any]:
        from pipelines.scheduling import tasks

        return tasks.standing(decided)

    known_at = night()
    received = receive.partial(known_at=known_at).expand(feed=FEED_NAMES)
    judged, decided = judge(known_at), decide(known_at)
    received >> judged >> decided
    standing(decided)


cashback_nightly()
