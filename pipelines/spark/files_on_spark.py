"""Have Spark's workers type invoices: each file is a task, and its rows pass by nobody.

A worker types a file as this process would, by the same code, and leaves the rows and
what is remembered of them in the home, which all workers share: the run goes on as if
an earlier one had typed it. A file that cannot be trusted is left to the run, which
says so.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pipelines.paths import PROJECT_DIR
from pipelines.spark.running import done_on_spark, more_settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipelines.landing import LandedFile
    from pipelines.progress import Progress
    from pipelines.spark.place import SparkPlace
    from pipelines.validated import ValidatedStore

# An interpreter that workers have, and that has this project.
WORKER_SETTING = "CASHBACK_SPARK_WORKER_PYTHON"


def type_on_spark(
    place: SparkPlace,
    store: ValidatedStore,
    files: Sequence[LandedFile],
    work: Path,
    progress: Progress,
) -> None:
    """Type *files* on workers, the largest first.

    Raises:
        DataError: Spark gave up.
        CampaignError: there is no Spark.
    """
    job = typing_job(place.master, store, files, work)
    # Which of them is done next is not known.
    steps = ["typing invoices"] * len(files)
    done = done_on_spark(place, job, work, steps)
    for _ in progress.track(done, "typing on Spark", len(steps)):
        pass


def typing_job(
    master: str, store: ValidatedStore, files: Sequence[LandedFile], work: Path
) -> dict[str, Any]:
    """Return what Spark is told: to type *files*, the largest first."""
    import pyarrow.parquet as pq

    catalog = work / "catalog.parquet"
    pq.write_table(store.catalog, catalog)
    shared = {
        "home": str(store.home.absolute()),
        "catalog": str(catalog.absolute()),
        "catalog_sha256": store.catalog_sha256,
    }
    largest_first = sorted(files, key=lambda file: (-file.size, file.place))
    return {
        "master": master,
        "settings": more_settings(),
        "command": [_python(), "-m", "pipelines.spark.typing_worker"],
        # A task is to take one core.
        "environment": {"PYTHONPATH": str(PROJECT_DIR), "OMP_NUM_THREADS": "1"},
        "typing": [
            (file.place, json.dumps(shared | {"file": _told(file)}))
            for file in largest_first
        ],
    }


def _python() -> str:
    return os.environ.get(WORKER_SETTING) or sys.executable


def _told(file: LandedFile) -> dict[str, object]:
    """Return what a worker is told of a file; what it received, it did not see."""
    return asdict(file) | {
        "delivered_on": file.delivered_on.isoformat(),
        "is_fresh": False,
    }
