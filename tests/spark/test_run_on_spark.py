"""A whole run whose models Spark built: the bytes of any other."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import engine
from pipelines.errors import DataError
from pipelines.landing import LandedFile
from pipelines.paths import SAMPLE_DIR
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import run
from pipelines.spark import building, files_on_spark
from pipelines.spark.building import handed_over, job_of, typed_rows
from pipelines.spark.exchange import SharedFolder
from pipelines.spark.place import spark_place
from pipelines.spark.running import done_on_spark
from pipelines.typed_rows import OutputPaths
from pipelines.validated import ValidatedFile, ValidatedStore
from pipelines.validation import FileFacts
from tests.commands import cashback
from tests.scenes import tree
from tests.spark.conftest import MASTER
from tests.sql_cases import set_up

TYPE = ValidatedStore._type
NO_ROWS = FileFacts(0, 0, 0, {}, (), None, "", "")


def test_a_run_on_spark_is_the_same_bytes(
    place, sample_run, sample_home, tmp_path, monkeypatch
):
    """Typed rows, quarantine, decisions, timelines, payouts, quality and page."""
    monkeypatch.setenv("CASHBACK_SPARK_SETTINGS", "spark.sql.shuffle.partitions=2")
    # What is not typed on Spark is not typed.
    monkeypatch.setattr(ValidatedStore, "_type", typed_but_for_invoices)
    # A home may be called what Spark takes for a pattern.
    home = tmp_path / "it's a [home] {of, us}"
    request = RunRequest(str(SAMPLE_DIR), home, spark=place)

    published = run(request, Progress())

    assert published.is_new
    assert published.path.name == sample_run.path.name
    assert tree(published.path) == tree(sample_run.path)
    for folder in ("typed", "validated", "quarantine"):
        assert tree(home / folder) == tree(sample_home / folder)
    said = cashback("diff", sample_run.path, published.path, "--home", home)
    assert said.exit_code == 0
    assert "nothing changed for anybody." in said.stdout


def test_a_run_through_a_store_is_the_same_bytes(
    place, sample_run, sample_home, tmp_path, monkeypatch
):
    """Spark and its workers are told of nothing but the store, and leave typed rows."""
    monkeypatch.setenv("CASHBACK_SPARK_SETTINGS", "spark.sql.shuffle.partitions=2")
    monkeypatch.setattr(ValidatedStore, "_type", typed_but_for_invoices)
    told = []

    def start(place, job, *rest):
        told.append(json.dumps(job | {"plans": "here"}))
        return done_on_spark(place, job, *rest)

    for module in (building, files_on_spark):
        monkeypatch.setattr(module, "done_on_spark", start)
    home, bucket = tmp_path / "home", tmp_path / "bucket"
    through = replace(place, store=f"file://{bucket}")

    published = run(RunRequest(str(SAMPLE_DIR), home, spark=through), Progress())

    assert tree(published.path) == tree(sample_run.path)
    for folder in ("typed", "validated", "quarantine"):
        assert tree(home / folder) == tree(sample_home / folder)
    assert len(told) == 3
    assert not [job for job in told if str(home) in job]
    assert {path.split("/")[0] for path in tree(bucket)} == {"typed"}


def typed_but_for_invoices(store, file, *arguments):
    """Type a file as ever, if it is no invoice."""
    assert file.feed != "billing"
    return TYPE(store, file, *arguments)


def test_a_file_that_cannot_be_trusted_is_refused_in_the_same_words(place, scene):
    """And nothing is published."""
    folder = scene.source / "billing" / "2019-08-06"
    folder.mkdir()
    (folder / "torn.csv.gz").write_bytes(b"\x1f\x8b\x08 torn")
    expected = scene.refusal()
    shutil.rmtree(scene.home)
    request = replace(scene.request(), spark=place)

    with pytest.raises(DataError) as refused:
        run(request, Progress())

    assert str(refused.value) == expected
    assert not (scene.home / "runs").exists()


def test_every_row_is_read_whatever_its_file_is_called(run_jobs, tmp_path):
    """Spark leaves out what begins with an underscore, and expands patterns."""
    names = ("in.csv", "_in.csv", "in[1]{a,b}*?.csv", "in:1.csv", "i\\n.csv")
    home = tmp_path / "it's a [home] {of, us}"
    home.mkdir()
    files = []
    for name in names:
        out = OutputPaths(home / f"{name}.parquet", home / f"{name}.q.parquet")
        pq.write_table(pa.table({"name": [name]}), out.validated)
        pq.write_table(pa.table({"reason": [name]}), out.quarantine)
        landed = LandedFile("billing", dt.date(2019, 8, 1), name, "", 1)
        files.append(ValidatedFile(landed, NO_ROWS, out))
    shared = SharedFolder(home)
    tables = dict(typed_rows(files, shared))
    rows = "select name from billing union all select reason from quarantine_billing"
    job = job_of(MASTER, tables, [], shared) | {"models": [("found", rows)]}

    run_jobs([job])

    parts = sorted((home / "found").glob("*.parquet"))
    found = [name for part in parts for name in pq.read_table(part)["name"].to_pylist()]
    assert sorted(found) == sorted([*names, *names])


def test_what_rows_come_to_is_nobodys_setting(run_jobs, tmp_path):
    """The zone is UTC, and a bad cast an error, whatever somebody sets."""
    job = job_of(MASTER, {}, [], SharedFolder(tmp_path))
    job["models"] = [
        ("zone", "select current_timezone() as value"),
        ("ansi", "set spark.sql.ansi.enabled"),
    ]
    job["settings"] = {
        "spark.sql.ansi.enabled": "false",
        "spark.sql.session.timeZone": "Asia/Tokyo",
    }

    run_jobs([job])

    with engine.opened(tmp_path) as con:
        found = [
            con.execute(f"select value from '{tmp_path}/{name}/*.parquet'").fetchall()
            for name in ("zone", "ansi")
        ]
    assert found == [[("UTC",)], [("true",)]]


def test_the_timeline_takes_one_shuffle_by_subscription(run_jobs, tmp_path):
    """Windows and joins find the rows of each together; then they are sorted."""
    names = ("marts/seat_rows", "marts/seat_changes", "marts/subscription_owners")
    shared = SharedFolder(tmp_path)
    with engine.opened(tmp_path, threads=1) as con:
        set_up(con)
        tables = handed_over(con, {}, shared)
    job = job_of(MASTER, tables, [*names, "marts/seat_timeline"], shared)
    # As for large tables: several partitions, and none of them sent to all workers.
    job["settings"] |= {
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.autoBroadcastJoinThreshold": "-1",
    }

    run_jobs([job])

    plan = (tmp_path / "seat_timeline.plan.txt").read_text(encoding="utf-8")
    shuffles = re.findall(r"Exchange (\w+\([^)]*), 4\), (\w+)", plan)
    kinds = [(re.sub(r"#\d+L?", "", keys), why) for keys, why in shuffles]
    order = "customer_id ASC NULLS FIRST, subscription_id ASC NULLS FIRST, "
    assert kinds == [
        (f"rangepartitioning({order}from_date ASC NULLS FIRST", "ENSURE_REQUIREMENTS"),
        ("hashpartitioning(subscription_key", "REPARTITION_BY_COL"),
        ("hashpartitioning(subscription_key", "REPARTITION_BY_COL"),
    ]


def test_spark_that_gives_up_publishes_nothing(place, tmp_path):
    """One sentence with the master, the model and the reason."""
    request = RunRequest(str(SAMPLE_DIR), tmp_path, spark=spark_place("local[none]"))

    with pytest.raises(DataError, match=r"Spark at local\[none\] .* nothing was publ"):
        run(request, Progress())

    assert not (tmp_path / "runs").exists()
