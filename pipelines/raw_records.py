"""One delivered file as a table of text: the relation ``raw_records``.

Two readers make the same table. The fast one is DuckDB's, and its result counts
only if it saw as many records as the file has lines; the careful one takes any
file that the contract allows.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.engine import quoted, quoted_path
from pipelines.record_keys import record_keys
from pipelines.text_scan import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import duckdb
    import pyarrow as pa

    from pipelines.careful_csv import Dialect
    from pipelines.feeds import Feed
    from pipelines.header import ColumnMap

BATCH_RECORDS = 20_000


@dataclass(frozen=True)
class RawRecords:
    """The relation ``raw_records`` of one file, made by one reader or the other."""

    con: duckdb.DuckDBPyConnection
    feed: Feed
    dialect: Dialect
    columns: ColumnMap

    def read_fast(self, path: Path, mark: str | None = None) -> None:
        """Make the relation over *path* (plain text) with the database's reader.

        Records whose first cell is *mark* are counted, but are not part of it.
        """
        types = {f"c{i}": "VARCHAR" for i in range(len(self.dialect.header))}
        cells = (
            "select row_number() over () as source_row, false as is_ragged, "
            "cast(null as varchar) as ragged_record, * "
            f"from read_csv({quoted_path(path)}, auto_detect = false, header = true, "
            f"delim = {quoted(self.dialect.delimiter)}, quote = '\"', escape = '\"', "
            f"columns = {types}, strict_mode = true, null_padding = false, "
            "ignore_errors = false, parallel = false, encoding = 'utf-8')"
        )
        if mark:
            cells = f"select * from ({cells}) where c0 is distinct from {quoted(mark)}"
        self._create_view(cells)

    def read_carefully(
        self, records: Iterable[tuple[int, list[str]]]
    ) -> tuple[list[UnreadableFileError], list[int]]:
        """Make the relation of numbered records, as a stream.

        The lists returned are empty until the stream is read: then they hold the
        fault that was met, if any, because it cannot travel through the database as
        it is; and the sizes of the batches that went in.
        """
        faults: list[UnreadableFileError] = []
        seen: list[int] = []
        batches = _careful_batches(records, self.dialect, faults, seen)
        self.con.register("careful_cells", batches)
        self._create_view("select * from careful_cells")
        return faults, seen

    def of_texts(self, texts: pa.Table, constants: dict[str, str]) -> str:
        """Return the relation's SQL over texts by column name; rows count from 1.

        A column that is not among them is constant, or null.
        """
        self.con.register("given_texts", texts)
        columns = ",\n".join(
            f"    {self._given_text(name, texts, constants)} as {name}_text"
            for name in self.feed.columns.values()
        )
        return (
            "select row_number() over () as source_row, false as is_ragged, "
            f"{self.dialect.has_decimal_comma} as has_decimal_comma,\n{columns},\n"
            "    null as record\nfrom given_texts"
        )

    @staticmethod
    def _given_text(name: str, texts: pa.Table, constants: dict[str, str]) -> str:
        if name in texts.schema.names:
            return f"trimmed({name})"
        if name in constants:
            return f"trimmed({quoted(constants[name])})"
        return "cast(null as varchar)"

    def read_cells(self, cells: pa.RecordBatch, numbers: pa.Array) -> None:
        """Make the relation of whole records, numbered so."""
        import pyarrow as pa

        texts = [
            column.dictionary_decode()
            if pa.types.is_dictionary(column.type)
            else column
            for column in cells.columns
        ]
        table = pa.table([numbers, *texts], names=["source_row", *cells.schema.names])
        self.con.register("whole_cells", table)
        self._create_view(
            "select source_row, false as is_ragged, "
            "cast(null as varchar) as ragged_record, * exclude (source_row) "
            "from whole_cells"
        )

    def record_text(self) -> str:
        """Return the SQL that turns the column ``record`` into JSON.

        It costs much, so that it is for quarantined records only. A secret feed's
        records stay in ``landing/`` alone.
        """
        if self.feed.is_secret:
            return "'{}'"
        fields = ", ".join(
            f"{_identifier(name)} := coalesce(record.c{i}, '')"
            for i, name in enumerate(record_keys(self.dialect.header))
        )
        return (
            "coalesce(record.ragged_record, "
            f"cast(to_json(struct_pack({fields})) as varchar))"
        )

    def _create_view(self, cells: str) -> None:
        texts = ",\n".join(
            f"    {_text_of(self.columns.positions.get(column))} as {column}_text"
            for column in self.feed.columns.values()
        )
        width = len(self.dialect.header)
        cells_kept = ", ".join(f"c{i} := c{i}" for i in range(width))
        self.con.execute(
            "create or replace temporary view raw_records as\n"
            f"select source_row, is_ragged, {self.dialect.has_decimal_comma} "
            f"as has_decimal_comma,\n{texts},\n"
            f"    struct_pack(ragged_record := ragged_record, {cells_kept}) as record\n"
            f"from ({cells})"
        )


def _text_of(position: int | None) -> str:
    if position is None:
        return "cast(null as varchar)"
    return f"trimmed(c{position})"


def _careful_batches(
    records: Iterable[tuple[int, list[str]]],
    dialect: Dialect,
    faults: list[UnreadableFileError],
    seen: list[int],
) -> pa.RecordBatchReader:
    import pyarrow as pa

    width = len(dialect.header)
    schema = pa.schema(
        [("source_row", pa.int64()), ("is_ragged", pa.bool_())]
        + [("ragged_record", pa.string())]
        + [(f"c{i}", pa.string()) for i in range(width)]
    )

    def batches() -> Iterator[pa.RecordBatch]:
        rows = iter(records)
        try:
            while chunk := list(itertools.islice(rows, BATCH_RECORDS)):
                seen.append(len(chunk))
                yield _batch(chunk, dialect, schema)
        except UnreadableFileError as fault:
            faults.append(fault)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _batch(
    chunk: list[tuple[int, list[str]]], dialect: Dialect, schema: pa.Schema
) -> pa.RecordBatch:
    import pyarrow as pa

    width, keys = len(dialect.header), record_keys(dialect.header)
    ragged = [len(cells) != width for _, cells in chunk]
    records = [
        _ragged_json(cells, keys) if is_ragged else None
        for (_, cells), is_ragged in zip(chunk, ragged, strict=True)
    ]
    in_place: list[Any] = [
        [cells[i] if i < len(cells) else None for _, cells in chunk]
        for i in range(width)
    ]
    numbers = [number for number, _ in chunk]
    return pa.record_batch([numbers, ragged, records, *in_place], schema=schema)


def _ragged_json(cells: list[str], keys: list[str]) -> str:
    extra = [f"extra_{i}" for i in range(1, len(cells) - len(keys) + 1)]
    record = dict(zip([*keys, *extra], cells, strict=False))
    return json.dumps(record, ensure_ascii=False)


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
