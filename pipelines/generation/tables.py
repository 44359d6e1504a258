"""Files of made-up records: streamed in the plain way, or whole in any dialect."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Protocol

from pipelines.generation.cells import SURPLUS_CELL, Cell, Record
from pipelines.generation.dialects import PLAIN, Dialect, needs_quotes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# Text waits so long before it is written; it bounds the memory of a big file.
WAITING_LINES = 4_000


class Table(Protocol):
    """A file that takes records and is whole once it is closed."""

    @property
    def rows(self) -> int:
        """How many records it has by now."""

    def add(self, record: Record) -> None:
        """Take one more record."""

    def close(self) -> None:
        """Write what is left."""


class PlainTable:
    """A big file: comma-separated, ISO dates, streamed."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.columns = columns
        self.rows: int = 0
        self._stream = path.open("wb")
        self.waiting = [",".join(columns) + "\n"]

    def add(self, record: Record) -> None:
        """Take one more record."""
        cells = [plain_text(record.get(column)) for column in self.columns]
        if SURPLUS_CELL in record:
            cells.append(plain_text(record[SURPLUS_CELL]))
        self.add_text(",".join(cells) + "\n")

    def add_text(self, line: str) -> None:
        """Take one more record that is text already."""
        self.rows += 1
        self.waiting.append(line)
        if len(self.waiting) >= WAITING_LINES:
            self.flush()

    def flush(self) -> None:
        """Write the lines that wait."""
        self._stream.write("".join(self.waiting).encode())
        self.waiting.clear()

    def close(self) -> None:
        """Write what is left."""
        self.flush()
        self._stream.close()


class VariedTable:
    """A small file in any dialect, written when it is whole."""

    def __init__(self, path: Path, columns: Sequence[str], dialect: Dialect) -> None:
        self._path, self._columns, self._dialect = path, columns, dialect
        self._records: list[Record] = []

    @property
    def rows(self) -> int:
        """How many records it has by now."""
        return len(self._records)

    def add(self, record: Record) -> None:
        """Take one more record."""
        self._records.append(record)

    def close(self) -> None:
        """Write the file."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        content = self._dialect.file_bytes(self._columns, self._records)
        self._path.write_bytes(content)


def open_table(
    folder: Path, stem: str, columns: Sequence[str], dialect: Dialect
) -> Table:
    """Return a new file of a dialect, named by its stem."""
    if dialect is PLAIN:
        return PlainTable(folder / f"{stem}.csv", columns)
    return VariedTable(folder / (stem + dialect.ending), columns, dialect)


def plain_text(value: Cell) -> str:
    """Return a cell as the plain dialect writes it.

    >>> plain_text("Reed, Hall"), plain_text(dt.date(2019, 6, 30)), plain_text(None)
    ('"Reed, Hall"', '2019-06-30', '')
    """
    # Most cells are text: they are told first, for speed.
    if isinstance(value, str):
        if "," in value or needs_quotes(value):
            return '"' + value.replace('"', '""') + '"'
        return value
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, int) else f"{value:f}"


def write_control(path: Path, **counts: int | str) -> None:
    """Write the sender's own counts beside a file."""
    control = path.with_name(f"{path.name}.control.json")
    control.write_text(json.dumps(counts) + "\n", encoding="utf-8", newline="\n")
