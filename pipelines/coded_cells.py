"""A plain file's cells, coded: each distinct text of a column once, and who has it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    import pyarrow as pa

    from pipelines.careful_csv import Dialect

BLOCK_BYTES = 1 << 21  # larger blocks leave the caches, smaller ones repeat texts
BLOCKS = 96  # are one batch, of which each costs the compiling of some SQL


def read_coded_cells(
    path: Path, dialect: Dialect, uncoded: Collection[int], *, has_quotes: bool
) -> Iterator[pa.RecordBatch]:
    """Yield the records of a plain text file in batches, in their order.

    Columns are ``c0``, ``c1`` and so on, all of them text: dictionaries, but for the
    columns at *uncoded*, whose texts hardly ever come twice.

    Raises:
        pyarrow.ArrowInvalid: a record has not as many cells as the header.
    """
    import pyarrow as pa
    from pyarrow import csv

    names = [f"c{i}" for i in range(len(dialect.header))]
    coded = pa.dictionary(pa.int32(), pa.string())
    reader = csv.open_csv(
        path,
        read_options=csv.ReadOptions(
            use_threads=False,
            block_size=BLOCK_BYTES,
            column_names=names,
            skip_rows_after_names=1,  # the header
        ),
        parse_options=csv.ParseOptions(
            delimiter=dialect.delimiter, newlines_in_values=has_quotes
        ),
        convert_options=csv.ConvertOptions(
            check_utf8=False,  # the scan did
            strings_can_be_null=False,
            column_types={
                name: pa.string() if i in uncoded else coded
                for i, name in enumerate(names)
            },
        ),
    )
    with reader:
        while blocks := list(itertools.islice(reader, BLOCKS)):
            table = pa.Table.from_batches(blocks).unify_dictionaries()
            yield from table.combine_chunks().to_batches()
