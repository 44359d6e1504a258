"""Run some nights one after another, as ``dag.test()`` does, and print what came."""

from __future__ import annotations

import datetime as dt
import json
import sys


def main(days: list[str]) -> None:
    """Print, per night, the state of each task; and what all told, and of what."""
    from airflow.dag_processing.dagbag import DagBag
    from airflow.models.asset import AssetEvent
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    dag = DagBag().dags["cashback_nightly"]
    found = {}
    for day in days:
        # A night is over on the morning of the next day.
        begun = dt.datetime.fromisoformat(f"{day}T02:00:00+00:00")
        run = dag.test(logical_date=begun + dt.timedelta(days=1))
        states = {
            f"{one.task_id}[{one.map_index}]": str(one.state)
            for one in run.get_task_instances()
        }
        found[day] = {"state": str(run.state), "tasks": states}
    with create_session() as session:
        told = [str(one.value) for one in session.query(XComModel).all()]
        made = [
            [one.source_run_id, one.source_task_id, one.asset.uri, one.extra]
            for one in session.query(AssetEvent).order_by(AssetEvent.id)
        ]
    said = {"nights": found, "told": told, "made": made}
    sys.stdout.write("\n" + json.dumps(said) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
