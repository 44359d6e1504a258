"""Made-up campaigns that neither engine has seen: the same rows in every table."""

from __future__ import annotations

import os
import shutil

import pytest

from pipelines import engine, judging
from pipelines.campaign import campaign_tables, load_campaign
from pipelines.decide import build_facts, build_models
from pipelines.errors import DataError
from pipelines.files import working_folder
from pipelines.inputs import add_inputs
from pipelines.models import FACTS, MODELS
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import prepared
from pipelines.spark.building import handed_over, job_of
from pipelines.spark.exchange import SharedFolder
from pipelines.spark.files_on_spark import shared_home, typing_job
from pipelines.validated import ValidatedStore
from tests.random_campaign import write_random_campaign
from tests.scenes import tree
from tests.spark.conftest import MASTER
from tests.spark.test_sql_on_spark import OWN_COLUMNS

# More on request: CASHBACK_CAMPAIGNS=200 make test-spark, and others by the first seed.
CAMPAIGNS = int(os.environ.get("CASHBACK_CAMPAIGNS", "4"))
FIRST = int(os.environ.get("CASHBACK_FIRST_CAMPAIGN", "0"))
NAMES = (*FACTS, *MODELS)


@pytest.fixture(scope="module")
def campaigns(run_jobs, tmp_path_factory):
    """Return, by seed, a folder with what each engine made; some are refused."""
    jobs, folders = [], {}
    for seed in range(FIRST, FIRST + CAMPAIGNS):
        folder = tmp_path_factory.mktemp(f"seed-{seed}")
        if asked := _made_here(seed, folder):
            jobs += asked
            folders[seed] = folder
    run_jobs(jobs)
    return folders


def _made_here(seed, folder):
    """Type and build everything in DuckDB; return the same as jobs for Spark."""
    made_up = write_random_campaign(seed, folder / "source")
    request = RunRequest(
        str(made_up.source),
        folder / "home",
        as_of=made_up.as_of,
        known_at=made_up.known_at,
        max_quarantine_share=made_up.max_quarantine_share,
    )
    campaign = load_campaign(request.campaign)
    try:
        with working_folder(request.home) as work, engine.opened(work) as con:
            job, _ = prepared(request, campaign, work, Progress())
            files = job.validated(work, Progress())
            add_inputs(con, campaign, job.dates, files)
            for name in ("duckdb", "spark", "given"):
                (folder / name).mkdir()
            tables = handed_over(con, {}, SharedFolder(folder / "given"))
            build_facts(con)
            build_models(con, Progress())
            for name in NAMES:
                table = name.rpartition("/")[2]
                path = folder / "duckdb" / f"{table}.parquet"
                engine.write_parquet(con, table, path)
    except DataError:
        return []
    asked = [job_of(MASTER, tables, NAMES, SharedFolder(folder / "spark"))]
    if invoices := job.deliveries.of("billing"):
        home = folder / "typed_on_spark"
        shutil.copytree(request.home / "landing", home / "landing")
        catalog = campaign_tables(campaign)["sku_catalog"]
        store = ValidatedStore(home, campaign.catalog.sha256, catalog)
        where = shared_home(store, folder / "given")
        asked.append(typing_job(MASTER, store, invoices, where))
    return asked


def test_some_campaigns_are_decided(campaigns):
    """Not all of them are refused before a model is built."""
    assert len(campaigns) >= CAMPAIGNS / 2


@pytest.mark.parametrize("kept", ["typed", "validated", "quarantine"])
def test_workers_type_invoices_as_this_process_does(campaigns, kept):
    """Rows, reasons and counts, in every dialect, with every fault."""
    compared = 0
    for seed, folder in campaigns.items():
        here = tree(folder / "home" / kept / "billing")
        there = tree(folder / "typed_on_spark" / kept / "billing")
        assert there == here, f"seed {seed}"
        compared += len(there)
    assert compared > len(campaigns)


@pytest.mark.parametrize("name", NAMES)
def test_both_engines_build_the_same_rows(campaigns, name, tmp_path):
    """Every column of every row, decimals and nulls included."""
    assert judging.is_imported()
    table = name.rpartition("/")[2]
    with engine.opened(tmp_path) as con:
        for seed, folder in campaigns.items():
            here = engine.rows_of([folder / "duckdb" / f"{table}.parquet"])
            parts = sorted((folder / "spark" / table).glob("*.parquet"))
            there = engine.rows_of(parts)
            columns = ", ".join(
                column
                for column, *_ in con.execute(f"describe {here}").fetchall()
                if column not in OWN_COLUMNS
            )
            for left, right in ((here, there), (there, here)):
                only = con.execute(
                    f"select {columns} from ({left}) "
                    f"except all select {columns} from ({right})"
                ).fetchall()
                assert not only, f"seed {seed}"
