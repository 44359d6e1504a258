"""A whole run whose models Spark built: the bytes of any other."""

from __future__ import annotations

import re

import pytest

from pipelines import engine
from pipelines.errors import DataError
from pipelines.paths import SAMPLE_DIR
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import run
from pipelines.spark.building import handed_over, job_of
from pipelines.spark.place import spark_place
from tests.scenes import tree
from tests.spark.conftest import MASTER
from tests.sql_cases import set_up


def test_a_run_on_spark_is_the_same_bytes(place, sample_run, tmp_path, monkeypatch):
    """Decisions, timelines, quarantine, payouts, quality, page and manifest."""
    monkeypatch.setenv("CASHBACK_SPARK_SETTINGS", "spark.sql.shuffle.partitions=2")
    request = RunRequest(str(SAMPLE_DIR), tmp_path, spark=place)

    published = run(request, Progress())

    assert published.is_new
    assert published.path.name == sample_run.path.name
    assert tree(published.path) == tree(sample_run.path)


def test_the_timeline_takes_one_shuffle_by_customer(run_jobs, tmp_path):
    """Windows and joins find each customer's rows together; then they are sorted."""
    names = ("marts/seat_rows", "marts/seat_changes", "marts/subscription_owners")
    with engine.opened(tmp_path, threads=1) as con:
        set_up(con)
        tables = handed_over(con, {}, tmp_path)
    job = job_of(MASTER, tables, [*names, "marts/seat_timeline"], tmp_path)
    # As for large tables: several partitions, and none of them sent to all workers.
    job["settings"] |= {
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.autoBroadcastJoinThreshold": "-1",
    }

    run_jobs([job])

    plan = (tmp_path / "seat_timeline.plan.txt").read_text(encoding="utf-8")
    shuffles = re.findall(r"Exchange (\w+\([^)]*), 4\), (\w+)", plan)
    kinds = [(re.sub(r"#\d+", "", keys), why) for keys, why in shuffles]
    order = "customer_id ASC NULLS FIRST, subscription_id ASC NULLS FIRST, "
    assert kinds == [
        (f"rangepartitioning({order}from_date ASC NULLS FIRST", "ENSURE_REQUIREMENTS"),
        ("hashpartitioning(customer_id", "REPARTITION_BY_COL"),
        ("hashpartitioning(customer_id", "REPARTITION_BY_COL"),
    ]


def test_spark_that_gives_up_publishes_nothing(place, tmp_path):
    """One sentence with the master, the model and the reason."""
    request = RunRequest(str(SAMPLE_DIR), tmp_path, spark=spark_place("local[none]"))

    with pytest.raises(DataError, match=r"Spark at local\[none\] .* nothing was publ"):
        run(request, Progress())

    assert not (tmp_path / "runs").exists()
