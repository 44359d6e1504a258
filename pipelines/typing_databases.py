"""The databases that files are typed in."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

from pipelines import engine

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    import pyarrow as pa


class TypingDatabases:
    """One database for each worker: to open one costs as much as a small file."""

    def __init__(self, catalog: pa.Table, work: Path) -> None:
        self._catalog, self.work = catalog, work
        self._mine = threading.local()
        self._opened = contextlib.ExitStack()

    def __enter__(self) -> None:
        """Let workers open their databases."""

    def __exit__(self, *_: object) -> None:
        """Close them all."""
        self._opened.close()

    def own(self) -> duckdb.DuckDBPyConnection:
        """Return the database of the worker that asks."""
        if not hasattr(self._mine, "con"):
            opened = engine.opened(self.work, threads=1, memory="900MB")
            self._mine.con = self._opened.enter_context(opened)
            engine.add_tables(self._mine.con, {"sku_catalog": self._catalog})
        con: duckdb.DuckDBPyConnection = self._mine.con
        return con
