"""What runs inside Spark: files typed, or facts and models written as Parquet.

``python job.py JOB…`` with the interpreter of Spark's own environment, which has none
of ours: this file, and the SQL that it is told, are all that it needs. JOB is a JSON
file. Of models, ``tables`` names the Parquet files of each table, ``functions`` are
statements, ``models`` are pairs of a name and its SQL in their order, ``out`` is where
they go, ``plans`` the folder on this machine for how Spark plans them. Of files,
``typing`` are pairs of a place and of what is told of it to ``command``, which a worker
runs. A line is printed for each that is done.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

NOT_INSTALLED = 4  # how this ends where there is no Spark, or an old one
FIRST_VERSION = 4  # the first that has functions in SQL
# What the timelines are made of, subscription by subscription: each is shuffled once,
# so that windows and joins find the rows of each together.
BY_SUBSCRIPTION = frozenset({"seat_changes", "subscription_owners"})
SETTINGS = {
    # Else workers take whatever is called python3.
    "spark.pyspark.python": sys.executable,
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
# What rows are read and what they come to is nobody's setting.
FIXED = {
    # An overflow or a bad cast is an error, as it is for DuckDB.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.decimalOperations.allowPrecisionLoss": "true",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
}


def main(paths: list[str]) -> None:
    """Run the jobs of some files, one after the other; end with 4 without Spark."""
    try:
        from pyspark import __version__
        from pyspark.sql import SparkSession
    except ImportError:
        sys.exit(NOT_INSTALLED)
    if int(__version__.partition(".")[0]) < FIRST_VERSION:
        sys.exit(NOT_INSTALLED)
    spark: Any = None
    for path in paths:
        job: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
        if job.get("ends_with_stdin"):
            threading.Thread(target=_end_with_stdin, daemon=True).start()
        builder = SparkSession.builder.appName("cashback").master(job["master"])
        for name, value in (SETTINGS | job["settings"] | FIXED).items():
            builder = builder.config(name, value)
        spark = builder.getOrCreate()
        if "typing" in job:
            _type(spark.sparkContext, job)
        else:
            _build(spark, job)
    if spark:
        spark.stop()


def _end_with_stdin() -> None:
    """End, with all that was asked of Spark, when whoever asked has ended."""
    sys.stdin.read()
    os._exit(1)


def _type(context: Any, job: dict[str, Any]) -> None:
    """Let workers type files: a task each, the largest first."""
    command, files = job["command"], job["typing"]
    environment = job["environment"]

    def typed(file: list[str]) -> None:
        place, told = file
        done = subprocess.run(  # noqa: S603 - our own
            command,
            input=told,
            text=True,
            capture_output=True,
            check=False,
            env=os.environ | environment,
        )
        if done.returncode:
            reason = (done.stderr.splitlines() or [f"ended with {done.returncode}"])[-1]
            message = f"{place} could not be typed: {reason}"
            raise RuntimeError(message)

    context.setJobGroup("typing", "files that are new")
    rows = context.parallelize(files, len(files))
    with ThreadPoolExecutor(max_workers=1) as beside:
        all_of_them = beside.submit(rows.foreach, typed)
        told = 0
        while not wait([all_of_them], timeout=1).done:
            told += _tell(["a file"] * (_done(context) - told))
        all_of_them.result()
        _tell(["a file"] * (len(files) - told))


def _done(context: Any) -> int:
    """Return how many files are typed by now."""
    tracker = context.statusTracker()
    jobs = map(tracker.getJobInfo, tracker.getJobIdsForGroup("typing"))
    stages = [tracker.getStageInfo(one) for job in jobs if job for one in job.stageIds]
    return sum(stage.numCompletedTasks for stage in stages if stage)


def _tell(done: list[str]) -> int:
    for one in done:
        sys.stdout.write(f"{one}\n")
    sys.stdout.flush()
    return len(done)


def _build(spark: Any, job: dict[str, Any]) -> None:
    for statement in job["functions"]:
        spark.sql(statement)
    for name, paths in job["tables"].items():
        rows = _reader(spark).parquet(*map(_as_it_stands, paths))
        rows.createOrReplaceTempView(name)
    for name, query in job["models"]:
        folder = f"{job['out']}/{name}"
        rows = spark.sql(query)
        rows.write.parquet(folder)
        plan = Path(job["plans"]) / f"{name}.plan.txt"
        plan.write_text(_plan_of(rows), "utf-8")
        # Whose columns are known is not looked at to find them.
        _add_view(_reader(spark).schema(rows.schema), name, folder)
        _tell([name])


def _reader(spark: Any) -> Any:
    # A folder named like key=value is a place, and never a column.
    return spark.read.option("recursiveFileLookup", "true")


def _add_view(reader: Any, name: str, folder: str) -> None:
    """Let the models that follow read what was built."""
    rows = reader.parquet(_as_it_stands(folder))
    if name in BY_SUBSCRIPTION:
        rows = rows.repartition("subscription_key")
    rows.createOrReplaceTempView(name)


def _as_it_stands(path: str) -> str:
    """Escape what Spark would take for a pattern: only who reads does."""
    return re.sub(r"[\\\[\]{}*?]", r"\\\g<0>", path)


def _plan_of(rows: Any) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        rows.explain()
    return said.getvalue()


if __name__ == "__main__":
    main(sys.argv[1:])
