"""Where Spark is, and what it makes of many small jobs in one go."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from pipelines.engine import WORKERS
from pipelines.errors import CampaignError
from pipelines.spark.place import spark_place
from pipelines.spark.running import JOB

if TYPE_CHECKING:
    from pathlib import Path

MASTER = "local[2]"
# So many jobs are worth the start of a Spark.
FEW = 4
# For tables of a few rows: one task each, and nothing compiled for it.
SMALL = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.memory": "2g",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs Spark."""
    for item in items:
        if "tests/spark/" in item.path.as_posix():
            item.add_marker(pytest.mark.spark)


@pytest.fixture(scope="session")
def place():
    """Return where Spark is; skip where there is none."""
    try:
        return spark_place(MASTER)
    except CampaignError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def run_jobs(place, tmp_path_factory):
    """Return what runs some jobs, one after the other; many, in a Spark a core."""

    def run(jobs: list[dict]) -> None:
        folder: Path = tmp_path_factory.mktemp("jobs")
        paths = [folder / f"{number}.json" for number in range(len(jobs))]
        for path, job in zip(paths, jobs, strict=True):
            job["settings"] = SMALL | job["settings"]
            path.write_text(json.dumps(job), encoding="utf-8")
        # Jobs of one kind may take turns with those of another: no Spark gets but one.
        share = max(-(-len(jobs) // WORKERS), FEW)
        shares = [paths[n : n + share] for n in range(0, len(paths), share)]
        with ThreadPoolExecutor(len(shares)) as several:
            list(several.map(start, shares))

    def start(paths: list[Path]) -> None:
        command = [str(place.python), str(JOB), *map(str, paths)]
        done = subprocess.run(  # noqa: S603 - our own
            command, capture_output=True, text=True, check=False, cwd=paths[0].parent
        )
        assert done.returncode == 0, done.stderr[-3000:]

    return run
