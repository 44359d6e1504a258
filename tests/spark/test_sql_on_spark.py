"""Every case of ``tests/sql/`` of a fact or model, run by Spark as it stands."""

from __future__ import annotations

import re

import pytest

from pipelines import engine
from pipelines.models import FACTS, MODELS
from pipelines.spark.building import handed_over, job_of
from pipelines.spark.exchange import SharedFolder
from tests.spark.conftest import MASTER
from tests.sql_cases import (
    CASES_DIR,
    SQL_FILES,
    differences,
    is_ordered,
    load_cases,
    make_tables,
    rows_of,
    set_up,
)

CASES = [
    (name, case)
    for name in (*FACTS, *MODELS)
    for case in load_cases(CASES_DIR / f"{name.rpartition('/')[2]}.yaml")
]
# What a digest is, is each engine's own; that two are equal is compared elsewhere.
OWN_COLUMNS = {"rows_digest"}


@pytest.fixture(scope="module")
def built(run_jobs, tmp_path_factory):
    """Return a database, and the folder of what Spark made of each case."""
    folder = tmp_path_factory.mktemp("cases")
    with engine.opened(folder, threads=1) as con:
        set_up(con)
        jobs = []
        for number, (name, case) in enumerate(CASES):
            out = folder / str(number)
            out.mkdir()
            con.begin()
            make_tables(con, name.rpartition("/")[2], case)
            tables = _tables_of(con, name, SharedFolder(out))
            jobs.append(job_of(MASTER, tables, [name], SharedFolder(out)))
            con.rollback()
        run_jobs(jobs)
        yield con, folder


def _tables_of(con, name, exchange):
    """Return the Parquet files of the tables that a model reads."""
    sql = re.sub(r"--.*", "", engine.read_sql(name))
    read = set(re.findall(r"\b(?:from|join)\s+(\w+)", sql))
    known = con.execute("select table_name from duckdb_tables() where not internal")
    others = {table: [] for (table,) in known.fetchall() if table not in read}
    found = handed_over(con, others, exchange)
    return {table: paths for table, paths in found.items() if paths}


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(number, id=f"{name.rpartition('/')[2]}: {case['name']}")
        for number, (name, case) in enumerate(CASES)
    ],
)
def test_sql_on_spark(built, number):
    """The file gives the rows that the case says, in that order if it has one."""
    con, folder = built
    name, case = CASES[number]
    table = name.rpartition("/")[2]
    expected = [
        {key: value for key, value in row.items() if key not in OWN_COLUMNS}
        for row in case["expect"]
    ]
    parts = sorted((folder / str(number) / table).glob("*.parquet"))

    actual = rows_of(con.execute(engine.rows_of(parts)))

    sql = SQL_FILES[table].read_text(encoding="utf-8")
    lines = differences(expected, actual, in_order=is_ordered(sql))
    if lines:
        pytest.fail("\n".join(lines), pytrace=False)
