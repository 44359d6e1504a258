"""The tables that the suites of ``expectations/`` read beside the feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines import engine
from pipelines.models import FACTS, QUALITY_TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb
    import pyarrow as pa

    from pipelines.earlier import EarlierDelivery
    from pipelines.validated import ValidatedFile


def build_quality_tables(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[ValidatedFile],
    earlier: Sequence[EarlierDelivery],
) -> None:
    """Build them from the inputs of a run and what is known of its files."""
    engine.add_tables(
        con,
        {"file_rows": _file_rows(files), "earlier_deliveries": _earlier(earlier)},
    )
    for name in QUALITY_TABLES:
        engine.build(con, name)


def small_tables(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the tables that suites of feeds read, and others as small, before models.

    Facts of rows and of customers are as large as a feed, and read by no suite.
    """
    facts = {fact.rpartition("/")[2] for fact in FACTS} - {"invoice_totals"}
    found = con.execute("select table_name from duckdb_tables() where not internal")
    return sorted({name for (name,) in found.fetchall()} - facts)


def _file_rows(files: Sequence[ValidatedFile]) -> pa.Table:
    import pyarrow as pa

    return pa.table(
        {
            "feed": pa.array([f.file.feed for f in files], pa.string()),
            "delivered_on": pa.array([f.file.delivered_on for f in files], pa.date32()),
            "source_file": pa.array([f.file.name for f in files], pa.string()),
            "rows_read": pa.array([f.facts.rows_read for f in files], pa.int64()),
        }
    )


def _earlier(earlier: Sequence[EarlierDelivery]) -> pa.Table:
    import pyarrow as pa

    return pa.table(
        {
            "feed": pa.array([e.feed for e in earlier], pa.string()),
            "delivered_on": pa.array([e.delivered_on for e in earlier], pa.date32()),
            "rows_read": pa.array([e.rows_read for e in earlier], pa.int64()),
            "has_same_bytes": pa.array([e.has_same_bytes for e in earlier], pa.bool_()),
        }
    )
