"""A whole run whose models Spark built: the bytes of any other."""

from __future__ import annotations

import pytest

from pipelines.errors import DataError
from pipelines.paths import SAMPLE_DIR
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import run
from pipelines.spark.place import spark_place
from tests.scenes import tree


def test_a_run_on_spark_is_the_same_bytes(place, sample_run, tmp_path, monkeypatch):
    """Decisions, timelines, quarantine, payouts, quality, page and manifest."""
    monkeypatch.setenv("CASHBACK_SPARK_SETTINGS", "spark.sql.shuffle.partitions=2")
    request = RunRequest(str(SAMPLE_DIR), tmp_path, spark=place)

    published = run(request, Progress())

    assert published.is_new
    assert published.path.name == sample_run.path.name
    assert tree(published.path) == tree(sample_run.path)


def test_spark_that_gives_up_publishes_nothing(place, tmp_path):
    """One sentence with the master, the model and the reason."""
    request = RunRequest(str(SAMPLE_DIR), tmp_path, spark=spark_place("local[none]"))

    with pytest.raises(DataError, match=r"Spark at local\[none\] .* nothing was publ"):
        run(request, Progress())

    assert not (tmp_path / "runs").exists()
