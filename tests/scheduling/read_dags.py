"""Read the DAG files as Airflow does, and print what it found as JSON."""

from __future__ import annotations

import json
import sys
import time
import warnings


def main() -> None:
    """Import Airflow first, so that the time is that of our own files."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        import airflow.providers.standard.operators.hitl
        from airflow.dag_processing.dagbag import DagBag

        assert airflow.providers.standard.operators.hitl
        started = time.process_time()
        bag = DagBag()
        seconds = time.process_time() - started
    found = {
        "seconds": seconds,
        "errors": bag.import_errors,
        "warnings": [
            f"{one.filename}: {one.message}"
            for one in heard
            if not issubclass(one.category, ResourceWarning)
        ],
        "heavy": sorted(
            {"duckdb", "pyarrow", "pandas", "great_expectations"} & sys.modules.keys()
        ),
        "dags": {
            dag.dag_id: {
                "tasks": {
                    task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks
                },
                "outlets": {
                    task.task_id: [asset.uri for asset in task.outlets]
                    for task in dag.tasks
                    if task.outlets
                },
                "catchup": dag.catchup,
                "max_active_runs": dag.max_active_runs,
                "retries": sorted({task.retries for task in dag.tasks}),
                "pools": sorted({task.pool for task in dag.tasks}),
                "policies": sorted(
                    {
                        json.dumps(task.retry_policy.serialize())
                        for task in dag.tasks
                        if task.retry_policy
                    }
                ),
                "timeouts": [
                    str(task.response_timeout)
                    for task in dag.tasks
                    if hasattr(task, "response_timeout")
                ],
                "defaults": [
                    task.defaults for task in dag.tasks if hasattr(task, "defaults")
                ],
            }
            for dag in bag.dags.values()
        },
    }
    sys.stdout.write("\n" + json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
