"""What workers of Spark without the home get from a bucket, and leave there."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from pipelines.campaign import campaign_tables, load_campaign
from pipelines.errors import DataError, SourceError
from pipelines.files import sha256_of_file, working_folder
from pipelines.landing import LandedFile, pull
from pipelines.paths import SAMPLE_DIR
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import run
from pipelines.source import Source
from pipelines.spark import building, files_on_spark, typing_worker
from pipelines.spark.exchange import exchange_through
from pipelines.spark.files_on_spark import type_on_spark, typing_job
from pipelines.spark.object_store import ObjectStore
from pipelines.spark.place import SparkPlace
from pipelines.spark.stored_files import fetch_typed, sent_to_workers
from pipelines.validated import ValidatedStore
from tests.remote.s3 import BUCKET
from tests.scenes import tree

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.run import PublishedRun
    from tests.remote.s3 import S3Depot

ADDRESS = f"s3a://{BUCKET}/cashback"


def store_of(home: Path) -> ValidatedStore:
    """Return the typed rows of a home, under the shipped terms."""
    campaign = load_campaign("d365-smb-2019")
    catalog = campaign_tables(campaign)["sku_catalog"]
    return ValidatedStore(home, campaign.catalog.sha256, catalog)


def invoices_in(home: Path) -> list[LandedFile]:
    """Receive the sample; return some of its invoices."""
    source = Source(str(SAMPLE_DIR), ["billing"])
    with working_folder(home) as work:
        landing = pull(source, home, None, work, Progress())
    return [file for file in landing.files if file.is_data][:3]


def work_off(job: dict[str, Any]) -> None:
    """Do what Spark has its workers do, one file after the other."""
    for _, told in job["typing"]:
        typing_worker.main(json.loads(told))


@pytest.fixture
def typed(
    s3: S3Depot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[ObjectStore, Path]:
    """Have invoices of a home typed by workers without it; return store and home."""
    del s3
    monkeypatch.chdir(tmp_path)
    objects, home = ObjectStore(ADDRESS), tmp_path / "home"
    store, invoices = store_of(home), invoices_in(home)
    catalog = tmp_path / "catalog.parquet"
    pq.write_table(store.catalog, catalog)
    with sent_to_workers(objects, store, invoices, catalog, Progress()) as where:
        job = typing_job("local[2]", store, invoices, where)
        assert str(home) not in json.dumps(job["typing"])
        work_off(job)
    fetch_typed(objects, store, invoices, tmp_path, Progress())
    return objects, home


def test_workers_without_the_home_make_the_same_bytes(
    typed: tuple[ObjectStore, Path],
    s3: S3Depot,
    sample_run: PublishedRun,
    sample_home: Path,
) -> None:
    """Typed rows, quarantine, and what is remembered of them; nothing else is left."""
    assert sample_run.is_new
    _, home = typed
    for folder in ("typed", "validated", "quarantine"):
        there = tree(home / folder / "billing")
        here = tree(sample_home / folder / "billing")
        assert len(there) == len(invoices_in(home))
        assert there.items() <= here.items()
    left = {name.rpartition("/")[0] for name in s3.objects()}
    assert left == {"cashback/typed"}


def test_what_is_in_the_store_is_typed_by_nobody(
    typed: tuple[ObjectStore, Path], tmp_path: Path
) -> None:
    """Another home finds it there, and starts no Spark."""
    _, home = typed
    other = tmp_path / "other"
    shutil.copytree(home / "landing", other / "landing")
    no_spark = SparkPlace(tmp_path / "no python", store=ADDRESS)
    invoices = invoices_in(home)

    type_on_spark(no_spark, store_of(other), invoices, tmp_path, Progress())

    assert store_of(other).untyped(invoices) == []
    assert tree(other / "validated") == tree(home / "validated")


def test_what_is_remembered_of_nothing_is_typed_again(
    typed: tuple[ObjectStore, Path], s3: S3Depot, tmp_path: Path
) -> None:
    """Somebody's own file there is none of ours."""
    objects, home = typed
    for name in s3.objects():
        if name.endswith(".json"):
            s3.client.put_object(Bucket=BUCKET, Key=name, Body=b'{"facts": []}')
    other = store_of(tmp_path / "other")
    invoices = invoices_in(home)

    fetch_typed(objects, other, invoices, tmp_path, Progress())

    assert other.untyped(invoices) == invoices


def test_rows_are_sent_once_and_again_if_they_were_cut_short(
    s3: S3Depot, tmp_path: Path
) -> None:
    """A night sends what is new."""
    path = tmp_path / "rows.parquet"
    path.write_bytes(b"rows")
    sha256 = sha256_of_file(path)
    objects = ObjectStore(ADDRESS)
    name = f"cashback/typed/{sha256}.parquet"

    assert objects.keep(path, sha256) == f"s3a://{BUCKET}/{name}"
    objects.keep(path, sha256)
    assert [asked for asked in s3.asked if asked.startswith("PUT /depot/")] == [
        f"PUT /{BUCKET}/{name}"
    ]

    s3.client.put_object(Bucket=BUCKET, Key=name, Body=b"ro")
    objects.keep(path, sha256)
    assert s3.objects()[name] == b"rows"


def test_an_exchange_leaves_only_typed_rows(s3: S3Depot, tmp_path: Path) -> None:
    """What Spark wrote is fetched, whatever else lies beside it, and then removed."""
    exchange = exchange_through(ADDRESS, tmp_path / "run")
    small = exchange.folder / "run_dates.parquet"
    small.write_bytes(b"dates")
    one, same, other = (tmp_path / f"{n}.parquet" for n in range(3))
    for path, rows in ((one, b""), (same, b""), (other, b"rows")):
        path.write_bytes(rows)
    files = [(sha256_of_file(path), path) for path in (one, same, other)]

    places = exchange.rows("billing", files)
    given = exchange.small(small)

    kept = {f"cashback/typed/{sha256}.parquet" for sha256, _ in files}
    assert {f"s3a://{BUCKET}/{name}" for name in kept} == set(places)
    assert len(places) == 2
    assert given == f"{exchange.out}/run_dates.parquet"
    wrote = exchange.out.partition(f"{BUCKET}/")[2] + "/candidates"
    for name, rows in (("part-1.parquet", b"b"), ("part-0.parquet", b"a")):
        s3.client.put_object(Bucket=BUCKET, Key=f"{wrote}/{name}", Body=rows)
    s3.client.put_object(Bucket=BUCKET, Key=f"{wrote}/_SUCCESS", Body=b"")
    assert [path.read_bytes() for path in exchange.written("candidates")] == [
        b"a",
        b"b",
    ]

    exchange.end()

    assert set(s3.objects()) == kept


def test_spark_that_gives_up_leaves_only_typed_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What belongs to the run is gone from the store, whatever ends it."""
    bucket = tmp_path / "bucket"
    place = SparkPlace(tmp_path / "no python", store=f"file://{bucket}")
    handed_over: list[str] = []

    def give_up(_: Any, job: dict[str, Any], *__: Any) -> list[str]:
        if "typing" in job:
            work_off(job)
            return [file for file, _ in job["typing"]]
        handed_over.extend(tree(bucket))
        raise DataError("Spark gave up")

    monkeypatch.chdir(tmp_path)
    for module in (building, files_on_spark):
        monkeypatch.setattr(module, "done_on_spark", give_up)
    request = RunRequest(str(SAMPLE_DIR), tmp_path / "home", spark=place)

    with pytest.raises(DataError, match="Spark gave up"):
        run(request, Progress())

    assert any(name.startswith("runs/spark-") for name in handed_over)
    assert {name.split("/")[0] for name in tree(bucket)} == {"typed"}


def test_a_store_that_refuses_is_named(s3: S3Depot, tmp_path: Path) -> None:
    """And what did not happen, and what to do."""
    path = tmp_path / "rows.parquet"
    path.write_bytes(b"rows")

    with pytest.raises(SourceError) as refused:
        ObjectStore("s3a://no-such-bucket/x").keep(path, "0" * 64)

    said = str(refused.value)
    assert said.startswith("the store s3a://no-such-bucket/x of CASHBACK_SPARK_STORE")
    assert "nothing was published" in said
    assert s3.objects() == {}
