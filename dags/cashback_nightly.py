"""
### Every night of a campaign: receive, judge, decide, publish

Each feed is received and typed in a task of its own; all of them are judged; the
campaign is decided **as of that night, from what was delivered until then**; the run is
published, and `standing/` of the home says where each partner stands: customers at
risk, seats still short, days left.

A run is named by what went into it: the same night again comes to the same bytes, and
late data makes a run beside the first.

* **Skipped** nights are those before the first delivery of a feed that is needed.
* **Owner**: whoever runs the cash-back campaign.
* **When it fails**: the last line of the task's log says what is wrong and what to do;
  its page is in `docs/runbooks/`. Refused data is not tried again, an unreachable
  source is. Nights that have to run again: `docs/runbooks/nights-have-to-run-again.md`.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import CronDataIntervalTimetable, dag, task

from pipelines.scheduling import campaign_days
from pipelines.scheduling.airflow_tasks import RUNS, TASK_DEFAULTS, validated
from pipelines.scheduling.campaign_days import FEED_NAMES

FIRST_NIGHT, LAST_NIGHT = campaign_days.nights()
VALIDATED = [validated(feed) for feed in FEED_NAMES]


@dag(
    schedule=CronDataIntervalTimetable("0 2 * * *", timezone="UTC"),
    start_date=FIRST_NIGHT,
    end_date=LAST_NIGHT,
    catchup=True,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    description="Decides the campaign as of each night",
    tags=["cashback"],
    doc_md=__doc__,
)
def cashback_nightly() -> None:
    """Decide as of each night, from what was delivered until then."""

    @task
    def night() -> str:
        """Say whose deliveries this night may know: those until its own date."""
        from pipelines.scheduling import airflow_tasks

        return airflow_tasks.night()

    # Each of these tasks tells of the one feed that it received: tell_received().
    @task(
        outlets=VALIDATED,
        max_active_tis_per_dagrun=2,
        map_index_template="{{ task.op_kwargs['feed'] }}",
        multiple_outputs=False,
    )
    def receive(feed: str, known_at: str) -> dict[str, Any]:
        """Land what is new of one feed, and type it; faulty rows go to quarantine."""
        from pipelines.scheduling import tasks

        return tasks.receive(feed, known_at)

    @task(inlets=VALIDATED, multiple_outputs=False)
    def judge(known_at: str) -> dict[str, Any]:
        """Hold all feeds against their expectations; a critical one stops the night."""
        from pipelines.scheduling import tasks

        return tasks.judge(known_at)

    @task(
        inlets=VALIDATED,
        outlets=[RUNS],
        multiple_outputs=False,
    )
    def decide(known_at: str) -> dict[str, Any]:
        """Decide every candidate, and publish the run whole or not at all."""
        from pipelines.scheduling import tasks

        return tasks.decide(known_at)

    @task(inlets=[RUNS], multiple_outputs=False)
    def standing(decided: dict[str, Any]) -> dict[str, Any]:
        """Write where each partner stands, as a table for people."""
        from pipelines.scheduling import tasks

        return tasks.standing(decided)

    known_at = night()
    received = receive.partial(known_at=known_at).expand(feed=FEED_NAMES)
    judged, decided = judge(known_at), decide(known_at)
    received >> judged >> decided
    standing(decided)


cashback_nightly()
