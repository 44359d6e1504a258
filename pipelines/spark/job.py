"""What runs inside Spark: every fact and model of a run, each written as Parquet.

``python job.py JOB…`` with the interpreter of Spark's own environment, which has none
of ours: this file, and the SQL that it is told, are all that it needs. JOB is a JSON
file: ``tables`` names the Parquet files of each, ``functions`` are statements,
``models`` are pairs of a name and its SQL in their order, ``out`` is the folder that
they go to. Each name is printed as soon as it is there.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

NOT_INSTALLED = 4  # how this ends where there is no Spark
# What the timelines are made of, customer by customer: each is shuffled once, by
# customer, so that windows and joins by more than that find their rows together.
BY_CUSTOMER = frozenset({"seat_changes", "subscription_owners"})
SETTINGS = {
    "spark.sql.requireAllClusterKeysForCoPartition": "false",
    # An overflow or a bad cast is an error, as it is for DuckDB.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def main(paths: list[str]) -> None:
    """Run the jobs of some files, one after the other; end with 4 without Spark."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        sys.exit(NOT_INSTALLED)
    spark: Any = None
    for path in paths:
        job: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
        builder = SparkSession.builder.appName("cashback").master(job["master"])
        for name, value in (SETTINGS | job["settings"]).items():
            builder = builder.config(name, value)
        spark = builder.getOrCreate()
        _run(spark, job)
    if spark:
        spark.stop()


def _run(spark: Any, job: dict[str, Any]) -> None:
    for statement in job["functions"]:
        spark.sql(statement)
    # A folder named like key=value is a place, and never a column.
    reader = spark.read.option("recursiveFileLookup", "true")
    for name, paths in job["tables"].items():
        reader.parquet(*paths).createOrReplaceTempView(name)
    for name, query in job["models"]:
        folder = Path(job["out"]) / name
        rows = spark.sql(query)
        rows.write.parquet(str(folder))
        (folder.parent / f"{name}.plan.txt").write_text(_plan_of(rows), "utf-8")
        _add_view(reader, name, folder)
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()


def _add_view(reader: Any, name: str, folder: Path) -> None:
    """Let the models that follow read what was built."""
    rows = reader.parquet(str(folder))
    if name in BY_CUSTOMER:
        rows = rows.repartition("customer_id")
    rows.createOrReplaceTempView(name)


def _plan_of(rows: Any) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        rows.explain()
    return said.getvalue()


if __name__ == "__main__":
    main(sys.argv[1:])
