"""The database that the SQL runs in: opened shut, fed with tables and files.

Only this module and the readers of raw files know that it is DuckDB.
"""

from __future__ import annotations

import contextlib
import glob
import os
from typing import TYPE_CHECKING

from pipelines import arrow_import
from pipelines.paths import SQL_DIR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    import duckdb
    import pyarrow as pa

# Build order: a function may use only those above it.
FUNCTIONS = (
    "trimmed",
    "marked_date",
    "read_date",
    "read_guid",
    "read_decimal",
    "read_money",
    "read_whole",
    "date_style",
    "is_unreadable",
    "is_missing",
    "row_reference",
    "keyed",
    "keyed_reference",
    "references_in_order",
    "ids_in_order",
)
WORKERS = os.cpu_count() or 1


@contextlib.contextmanager
def opened(
    work: Path, *, threads: int = WORKERS, memory: str = "1800MB"
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an empty database that spills to *work* and fetches nothing."""
    arrow_import.import_now()
    import duckdb

    con = duckdb.connect(
        config={
            "threads": threads,
            "memory_limit": memory,
            "temp_directory": str(work),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    try:
        # The types of a cast may not reach into the CSV reader: it would abort
        # where the cast is to give null.
        con.execute("set disabled_optimizers = 'type_pushdown'")
        con.execute("set enable_progress_bar = false")
        # To pack the tables in memory tighter takes a second, and stops all else.
        con.execute("set checkpoint_threshold = '1TB'")
        for name in FUNCTIONS:
            con.execute(read_sql(f"functions/{name}"))
        yield con
    finally:
        con.close()


def read_sql(name: str) -> str:
    """Return the text of a file in ``sql/``, named without its ending."""
    return (SQL_DIR / f"{name}.sql").read_text(encoding="utf-8")


def add_tables(con: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table]) -> None:
    """Make each Arrow table a table of the database."""
    for name, table in tables.items():
        con.register("arrow_table", table)
        con.execute(f"create or replace temporary table {name} as from arrow_table")
        con.unregister("arrow_table")


def rows_of(paths: Iterable[Path]) -> str:
    """Return the SQL of the rows of one or more Parquet files."""
    files = ", ".join(quoted_path(path) for path in paths)
    # A folder named like key=value is a place, and never a column.
    return f"from read_parquet([{files}], hive_partitioning = false)"


def write_parquet(con: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    """Write the rows of a table or view to a file, to be read here again."""
    _copy(con, table, path)


def write_model(con: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    """Write what the model of ``sql/<name>.sql`` gives to a file, to be read here."""
    _copy(con, _rows_of_model(name), path)


def _copy(con: duckdb.DuckDBPyConnection, rows: str, path: Path) -> None:
    # Only who reads takes a path for a pattern: here it stands as it is.
    con.execute(
        f"copy {rows} to {quoted(str(path))} "
        "(format parquet, compression zstd, compression_level 1)"
    )


def build(con: duckdb.DuckDBPyConnection, name: str) -> int:
    """Build the model of ``sql/<name>.sql`` as a table; return its row count."""
    table = name.rpartition("/")[2]
    con.execute(f"create or replace temporary table {table} as {_rows_of_model(name)}")
    return row_count(con, table)


def _rows_of_model(name: str) -> str:
    # The line end before the bracket matters: a model may end in a comment.
    return f"(\n{read_sql(name)}\n)"


def row_count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    """Return the number of rows of a table or view."""
    ((rows,),) = con.execute(f"select count(*) from {table}").fetchall()
    return int(rows)


def quoted(text: str) -> str:
    """Return *text* as a SQL string."""
    return "'" + text.replace("'", "''") + "'"


def quoted_path(path: Path) -> str:
    """Return a file's path as a SQL string that a reader takes for no pattern."""
    return quoted(glob.escape(str(path)))
