"""Have Spark type invoices, build facts and models, and read these where they lie.

Spark runs in a process of its own, started for each of the three: for the latter, it
is handed the typed rows, everything small as Parquet, and the SQL. What it writes is
never collected: the database of the run has views of its files.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import structlog

from pipelines import engine
from pipelines.feeds import FEEDS
from pipelines.models import FACTS, MODELS
from pipelines.spark.exchange import exchange_through
from pipelines.spark.files_on_spark import type_on_spark
from pipelines.spark.functions import FUNCTIONS
from pipelines.spark.running import done_on_spark, more_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import duckdb

    from pipelines.deliveries import Deliveries
    from pipelines.kept_facts import KeptFacts
    from pipelines.progress import Progress
    from pipelines.spark.exchange import Exchange
    from pipelines.spark.place import SparkPlace
    from pipelines.validated import ValidatedFile, ValidatedStore

log = structlog.get_logger(__name__)

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
        self._exchange: Exchange | None = None

    def type_files(
        self,
        store: ValidatedStore,
        deliveries: Deliveries,
        work: Path,
        progress: Progress,
    ) -> None:
        """Have Spark type the invoices that are new.

        Raises:
            DataError: Spark gave up.
            CampaignError: there is no Spark.
        """
        invoices = [file for file in deliveries.files if file.feed == "billing"]
        new = store.untyped(invoices)
        if new:
            type_on_spark(self._place, store, new, work, progress)
        if left := store.untyped(new):
            # They cannot be trusted, or workers have another version of this project.
            log.warning("invoices_left_to_type_here", files=len(left))

    def build_facts(
        self, con: duckdb.DuckDBPyConnection, files: Sequence[ValidatedFile], work: Path
    ) -> None:
        """Build every fact from all typed rows.

        Raises:
            DataError: Spark gave up.
            SourceError: the store cannot be reached.
            CampaignError: there is no Spark.
        """
        folder = work / f"spark-{uuid.uuid4().hex}"
        self._exchange = exchange_through(self._place.store, folder)
        typed = dict(typed_rows(files, self._exchange))
        self._known = handed_over(con, typed, self._exchange)
        self._build(con, FACTS, self._exchange)
        self._facts.judge_all(con, files)

    def build_models(
        self, con: duckdb.DuckDBPyConnection, progress: Progress
    ) -> dict[str, int]:
        """Build every model upon the facts; return the row count of each.

        Raises:
            DataError: Spark gave up.
            SourceError: the store cannot be reached.
        """
        if self._exchange is None:
            message = "the facts come before the models"
            raise RuntimeError(message)
        self._build(con, MODELS, self._exchange, progress)
        return {name: engine.row_count(con, _table(name)) for name in MODELS}

    def close(self) -> None:
        """Remove from the store, if there is one, what belongs to the run."""
        if self._exchange:
            self._exchange.end()

    def _build(
        self,
        con: duckdb.DuckDBPyConnection,
        names: Sequence[str],
        exchange: Exchange,
        progress: Progress | None = None,
    ) -> None:
        """Have Spark build some models, and make a view of each."""
        job = job_of(self._place.master, self._known, names, exchange)
        tables = [*map(_table, names)]
        built = done_on_spark(self._place, job, exchange.folder, tables)
        if progress:
            built = progress.track(built, "deciding on Spark", len(names))
        for table in built:
            parts = exchange.written(table)
            self._known[table] = [f"{exchange.out}/{table}"]
            con.execute(
                f"create or replace temporary view {table} as {engine.rows_of(parts)}"
            )
            log.info("built_on_spark", table=table)


def handed_over(
    con: duckdb.DuckDBPyConnection, known: dict[str, list[str]], exchange: Exchange
) -> dict[str, list[str]]:
    """Return the Parquet files of every table: of those *known*, and of all others.

    These are small: the terms, the dates, and feeds that nobody delivered.
    """
    found = dict(known)
    for (name,) in con.execute(_TABLES).fetchall():
        if name not in found:
            path = exchange.folder / f"{name}.parquet"
            engine.write_parquet(con, name, path)
            found[name] = [exchange.small(path)]
    return found


def job_of(
    master: str, tables: dict[str, list[str]], names: Sequence[str], exchange: Exchange
) -> dict[str, Any]:
    """Return what Spark is told: to build the models of *names* from *tables*."""
    return {
        "master": master,
        "settings": more_settings(),
        "functions": FUNCTIONS,
        "tables": tables,
        "models": [(_table(name), engine.read_sql(name)) for name in names],
        "out": exchange.out,
        "plans": str(exchange.folder.absolute()),
    }


def typed_rows(
    files: Sequence[ValidatedFile], exchange: Exchange
) -> Iterator[tuple[str, list[str]]]:
    """Hand typed rows over; return where each feed and its quarantine has its own."""
    for feed in FEEDS:
        mine = [file for file in files if file.file.feed == feed]
        if mine:
            validated = [(f.facts.validated_sha256, f.outputs.validated) for f in mine]
            quarantined = [
                (f.facts.quarantine_sha256, f.outputs.quarantine) for f in mine
            ]
            yield feed, exchange.rows(feed, validated)
            name = f"quarantine_{feed}"
            yield name, exchange.rows(name, quarantined)


def _table(name: str) -> str:
    return name.rpartition("/")[2]
