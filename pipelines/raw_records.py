"""One delivered file as a table of text: the relation ``raw_records``.

Two readers make the same table. The fast one is DuckDB's, and its result counts
only if it saw as many records as the file has lines; the careful one takes any
file that the contract allows.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.engine import quoted, quoted_path
from pipelines.feeds import RESELLER_ALIASES, Feed, header_key
from pipelines.record_keys import record_keys
from pipelines.text_scan import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import duckdb
    import pyarrow as pa

    from pipelines.careful_csv import Dialect

BATCH_RECORDS = 20_000


@dataclass(frozen=True)
class ColumnMap:
    """Where the columns of a feed stand in one file."""

    positions: dict[str, int]
    unknown: tuple[str, ...]


def map_columns(feed: Feed, header: tuple[str, ...]) -> ColumnMap:
    """Find the columns of *feed* in a header: any order, case, spacing.

    Raises:
        UnreadableFileError: a required column is missing, or a listed one is
            there twice.
    """
    keys = [header_key(name) for name in header]
    _refuse_repeated_columns(feed, header, keys)
    positions = {
        column: keys.index(key) for key, column in feed.columns.items() if key in keys
    }
    if feed.name == "billing":
        _find_reseller(positions, keys)
    _refuse_missing_columns(feed, keys, positions)
    known = set(feed.columns) | (
        set(RESELLER_ALIASES) if feed.name == "billing" else set()
    )
    unknown = [name for name, key in zip(header, keys, strict=True) if key not in known]
    return ColumnMap(positions, tuple(unknown))


def _find_reseller(positions: dict[str, int], keys: list[str]) -> None:
    """A file without ``ResellerMpnId`` names the reseller in another column."""
    for alias in RESELLER_ALIASES:
        if "reseller_mpn_id" not in positions and alias in keys:
            positions["reseller_mpn_id"] = keys.index(alias)


def _refuse_repeated_columns(
    feed: Feed, header: tuple[str, ...], keys: list[str]
) -> None:
    listed = set(feed.columns)
    if feed.name == "billing":
        listed.update(RESELLER_ALIASES)
    counts = Counter(keys)
    repeated = [
        name
        for name, key in zip(header, keys, strict=True)
        if key in listed and counts[key] > 1
    ]
    if repeated:
        message = (
            f"column {repeated[0]} is there {counts[header_key(repeated[0])]} times"
        )
        raise UnreadableFileError(message)


def _refuse_missing_columns(
    feed: Feed, keys: list[str], positions: dict[str, int]
) -> None:
    missing = [name for name in feed.headers if name in feed.required]
    missing = [name for name in missing if header_key(name) not in keys]
    if feed.name == "billing" and "reseller_mpn_id" not in positions:
        missing.append("ResellerMpnId (or MpnId)")
    if missing:
        noun = "column" if len(missing) == 1 else "columns"
        message = f"required {noun} {', '.join(missing)} missing from the header"
        raise UnreadableFileError(message)


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
    return f"c{position}"


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
