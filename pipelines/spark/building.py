"""Have Spark build facts and models, and read what it built where it lies.

Spark runs in a process of its own, started for the facts and again for the models: it
is handed the typed rows by their paths, everything small as Parquet, and the SQL. What
it writes is never collected: the database of the run has views of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from pipelines import engine
from pipelines.errors import CampaignError, DataError
from pipelines.feeds import FEEDS
from pipelines.models import FACTS, MODELS
from pipelines.spark.functions import FUNCTIONS
from pipelines.spark.job import NOT_INSTALLED
from pipelines.spark.place import PYTHON_SETTING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import duckdb

    from pipelines.kept_facts import KeptFacts
    from pipelines.progress import Progress
    from pipelines.spark.place import SparkPlace
    from pipelines.validated import ValidatedFile

log = structlog.get_logger(__name__)

JOB = Path(__file__).parent / "job.py"
# More settings of Spark, as its own tools read them: "name=value name=value".
MORE_SETTINGS = "CASHBACK_SPARK_SETTINGS"
_TABLES = """
select table_name from duckdb_tables() where not internal
union
select view_name from duckdb_views() where not internal
order by 1
"""


class SparkBuilder:
    """Builds on Spark."""

    def __init__(self, place: SparkPlace, facts: KeptFacts) -> None:
        self._place, self._facts = place, facts
        # The Parquet files of each table that Spark may read.
        self._known: dict[str, list[str]] = {}
        self._work: Path | None = None

    def build_facts(
        self, con: duckdb.DuckDBPyConnection, files: Sequence[ValidatedFile], work: Path
    ) -> None:
        """Build every fact from all typed rows.

        Raises:
            DataError: Spark gave up.
            CampaignError: there is no Spark.
        """
        self._work = work / f"spark-{uuid.uuid4().hex}"
        self._work.mkdir()
        self._known = handed_over(con, dict(_typed_rows(files)), self._work)
        self._build(con, FACTS, self._work)
        self._facts.judge_all(con, files)

    def build_models(
        self, con: duckdb.DuckDBPyConnection, progress: Progress
    ) -> dict[str, int]:
        """Build every model upon the facts; return the row count of each.

        Raises:
            DataError: Spark gave up.
        """
        if self._work is None:
            message = "the facts come before the models"
            raise RuntimeError(message)
        self._build(con, MODELS, self._work, progress)
        return {name: engine.row_count(con, _table(name)) for name in MODELS}

    def _build(
        self,
        con: duckdb.DuckDBPyConnection,
        names: Sequence[str],
        work: Path,
        progress: Progress | None = None,
    ) -> None:
        """Have Spark build some models, and make a view of each."""
        built = self._run(names, work)
        if progress:
            built = progress.track(built, "deciding on Spark", len(names))
        for table in built:
            folder = work / table
            parts = sorted(folder.glob("*.parquet"))
            self._known[table] = [str(folder)]
            con.execute(
                f"create or replace temporary view {table} as {engine.rows_of(parts)}"
            )
            log.info("built_on_spark", table=table)

    def _run(self, names: Sequence[str], work: Path) -> Iterable[str]:
        """Yield each table that Spark has built, as soon as it is there."""
        job = job_of(self._place.master, self._known, names, work)
        path, said = work / "job.json", work / "spark.log"
        path.write_text(json.dumps(job), encoding="utf-8")
        built: list[str] = []
        with (
            said.open("w", encoding="utf-8") as err,
            subprocess.Popen(  # noqa: S603 - the interpreter that the settings name
                [str(self._place.python), str(JOB), str(path)],
                cwd=work,  # Spark leaves folders of its own where it is started
                stdout=subprocess.PIPE,
                stderr=err,
                text=True,
            ) as process,
        ):
            for line in process.stdout or ():
                built.append(line.strip())
                yield built[-1]
        if process.returncode or len(built) < len(names):
            raise _refusal(self._place, process.returncode, said, names[len(built) :])


def handed_over(
    con: duckdb.DuckDBPyConnection, known: dict[str, list[str]], work: Path
) -> dict[str, list[str]]:
    """Return the Parquet files of every table: of those *known*, and of all others.

    These are small: the terms, the dates, and feeds that nobody delivered.
    """
    found = dict(known)
    for (name,) in con.execute(_TABLES).fetchall():
        if name not in found:
            path = work / f"{name}.parquet"
            engine.write_parquet(con, name, path)
            found[name] = [str(path)]
    return found


def job_of(
    master: str, tables: dict[str, list[str]], names: Sequence[str], out: Path
) -> dict[str, Any]:
    """Return what Spark is told: to build the models of *names* from *tables*."""
    return {
        "master": master,
        "settings": _more_settings(),
        "functions": FUNCTIONS,
        "tables": tables,
        "models": [(_table(name), engine.read_sql(name)) for name in names],
        "out": str(out),
    }


def _typed_rows(files: Sequence[ValidatedFile]) -> Iterable[tuple[str, list[str]]]:
    for feed in FEEDS:
        mine = [file.outputs for file in files if file.file.feed == feed]
        if mine:
            yield feed, [str(one.validated) for one in mine]
            yield f"quarantine_{feed}", [str(one.quarantine) for one in mine]


def _table(name: str) -> str:
    return name.rpartition("/")[2]


def _more_settings() -> dict[str, str]:
    """Return the settings of Spark that somebody has set beside ours.

    Raises:
        CampaignError: they are not written as names and values.
    """
    settings = {}
    for written in os.environ.get(MORE_SETTINGS, "").split():
        name, equals, value = written.partition("=")
        if not (equals and name.startswith("spark.")):
            message = (
                f"{MORE_SETTINGS} has {written!r}, which is no setting of Spark; "
                "nothing was published. Give each as spark.name=value, with spaces "
                "between them."
            )
            raise CampaignError(message)
        settings[name] = value
    return settings


def _refusal(
    place: SparkPlace, code: int, said: Path, missing: Sequence[str]
) -> CampaignError | DataError:
    if code == NOT_INSTALLED:
        return CampaignError(
            f"{place.python} has no pyspark, so nothing was published. Run make "
            f"spark, or name another interpreter in {PYTHON_SETTING}."
        )
    return DataError(
        f"Spark at {place.master} ended with {code} while it built "
        f"{missing[0] if missing else 'the last model'} ({_reason(said)}), so nothing "
        "was published. Look at its master and its memory, or run with --engine duckdb."
    )


def _reason(said: Path) -> str:
    """Return the last line that tells what went wrong."""
    lines = said.read_text(encoding="utf-8", errors="replace").splitlines()
    telling = [line.strip() for line in lines if "Error" in line or "Exception" in line]
    return (telling or lines or ["it said nothing"])[-1].strip()[:300]
