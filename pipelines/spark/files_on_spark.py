"""Have Spark's workers type invoices: each file is a task, and its rows pass by nobody.

A worker types a file as this process would, by the same code, and leaves the rows and
what is remembered of them in the home, if all workers share it, or else in a store: the
run goes on as if an earlier one had typed it. A file that cannot be trusted is left to
the run, which says so.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pipelines.paths import PROJECT_DIR
from pipelines.spark.object_store import ObjectStore
from pipelines.spark.running import done_on_spark, more_settings
from pipelines.spark.stored_files import fetch_typed, sent_to_workers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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
        SourceError: the store cannot be reached.
        CampaignError: there is no Spark.
    """
    if place.store is None:
        job = typing_job(place.master, store, files, shared_home(store, work))
        _type(place, job, work, progress)
        return
    objects = ObjectStore(place.store)
    # Another run, or one that failed, may have had them typed.
    fetch_typed(objects, store, files, work, progress)
    if left := store.untyped(files):
        catalog = _written_catalog(store, work)
        with sent_to_workers(objects, store, left, catalog, progress) as where:
            _type(place, typing_job(place.master, store, left, where), work, progress)
        fetch_typed(objects, store, left, work, progress)


def shared_home(store: ValidatedStore, work: Path) -> dict[str, str]:
    """Return where workers find what they need, in the home that they share."""
    catalog = _written_catalog(store, work)
    return {"home": str(store.home.absolute()), "catalog": str(catalog.absolute())}


def typing_job(
    master: str,
    store: ValidatedStore,
    files: Sequence[LandedFile],
    where: Mapping[str, str],
) -> dict[str, Any]:
    """Return what Spark is told: to type *files*, the largest first.

    *where* tells workers what they need, and where to leave what they made.
    """
    shared = {**where, "catalog_sha256": store.catalog_sha256}
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


def _type(
    place: SparkPlace, job: dict[str, Any], work: Path, progress: Progress
) -> None:
    # Which of them is done next is not known.
    steps = ["typing invoices"] * len(job["typing"])
    done = done_on_spark(place, job, work, steps)
    for _ in progress.track(done, "typing on Spark", len(steps)):
        pass


def _written_catalog(store: ValidatedStore, work: Path) -> Path:
    import pyarrow.parquet as pq

    catalog = work / "catalog.parquet"
    pq.write_table(store.catalog, catalog)
    return catalog


def _python() -> str:
    return os.environ.get(WORKER_SETTING) or sys.executable


def _told(file: LandedFile) -> dict[str, object]:
    """Return what a worker is told of a file; what it received, it did not see."""
    return asdict(file) | {
        "delivered_on": file.delivered_on.isoformat(),
        "is_fresh": False,
    }
