"""Typed records on their way to Parquet: the good rows, and the faulty ones whole.

One pass over the records writes both files and adds up what a file is judged by.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipelines.dictionary import meanings
from pipelines.files import sha256_of_file
from pipelines.text_scan import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pyarrow as pa
    import pyarrow.parquet as pq

DATE_STYLES = {1: "ISO 8601", 2: "M/D/YYYY", 4: "D.M.YYYY"}
# What the SQL says of a record beside its values; the first three go to quarantine.
QUARANTINE_IDS = ("customer_id", "partner_id", "snapshot_date")
WORKING_COLUMNS = (
    *(f"quarantined_{name}" for name in QUARANTINE_IDS),
    "reasons",
    "record",
    "date_styles",
)

PARQUET: dict[str, Any] = {
    "compression": "zstd",
    "compression_level": 1,
    "store_decimal_as_integer": True,
    # To collect them costs as much as the rest of writing, and no reader here asks.
    "write_statistics": False,
    # A text is a text, whether it came here once or in a dictionary.
    "store_schema": False,
}
# A dictionary of values that hardly ever come twice is work for nothing.
UNIQUE_COLUMNS = frozenset(
    {
        "source_row",
        "order_id",
        "subscription_id",
        "syndication_partner_subscription_number",
    }
)


@dataclass(frozen=True)
class OutputPaths:
    """Where the typed rows of one file go."""

    validated: Path
    quarantine: Path


class TypedRows:
    """Two Parquet files being written, and the counts and sums of their rows."""

    def __init__(self, out: OutputPaths, feed: str) -> None:
        self.feed = feed
        self.paths = out.validated, out.quarantine
        self.validated = 0
        self.quarantined = 0
        self.reasons: Counter[str] = Counter()
        self.total_for_customer = Decimal("0.00")
        self._first_rows: dict[int, int] = {}  # of each style of dates
        self._writers = contextlib.ExitStack()
        self._files: tuple[pq.ParquetWriter, pq.ParquetWriter] | None = None

    def __enter__(self) -> TypedRows:
        """Keep the two files open while the block runs."""
        return self

    def __exit__(self, *_: object) -> None:
        """Finish the two files."""
        self._writers.close()

    def write(self, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
        """Write every record to one of the two files, in the order that they come."""
        kept = [name for name in schema.names if name not in WORKING_COLUMNS]
        self._files = self._files or self._open(schema, kept)
        good, bad = self._files
        for batch in batches:
            sound, faulty = _split(batch)
            if sound.num_rows:
                good.write_batch(_as_in(good.schema, sound.select(kept)))
            if faulty.num_rows:
                bad.write_table(self._quarantined(faulty))
            self._add_up(batch, faulty.num_rows)

    def _open(
        self, schema: pa.Schema, kept: list[str]
    ) -> tuple[pq.ParquetWriter, pq.ParquetWriter]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = pa.schema([schema.field(name) for name in kept])
        repeating = [name for name in kept if name not in UNIQUE_COLUMNS]
        good = pq.ParquetWriter(
            self.paths[0], columns, use_dictionary=repeating, **PARQUET
        )
        bad = pq.ParquetWriter(self.paths[1], _quarantine_schema(), **PARQUET)
        good.add_key_value_metadata(_said_of(f"validated/{self.feed}", "validated"))
        bad.add_key_value_metadata(_said_of("quarantine"))
        self._writers.enter_context(good)
        self._writers.enter_context(bad)
        return good, bad

    def sort_quarantine(self) -> None:
        """Put the quarantined rows in order, once the files are finished.

        Odd lines are read apart, and so were written after the others.
        """
        import pyarrow.parquet as pq

        rows = pq.ParquetFile(self.paths[1]).read().sort_by("source_row")
        with pq.ParquetWriter(self.paths[1], _quarantine_schema(), **PARQUET) as bad:
            bad.write_table(rows)
            bad.add_key_value_metadata(_said_of("quarantine"))

    def _quarantined(self, faulty: pa.RecordBatch) -> pa.Table:
        import pyarrow as pa
        import pyarrow.compute as pc

        reasons = pc.split_pattern(faulty["reasons"], ",")
        self.reasons.update(reasons.flatten().to_pylist())
        ids = [faulty[f"quarantined_{name}"] for name in QUARANTINE_IDS]
        place = [faulty[name] for name in ("source_file", "source_row", "delivered_on")]
        return pa.table(
            [*place, *ids, reasons, faulty["record"]], schema=_quarantine_schema()
        )

    def _add_up(self, batch: pa.RecordBatch, faulty: int) -> None:
        import pyarrow.compute as pc

        self.validated += batch.num_rows - faulty
        self.quarantined += faulty
        if "total_for_customer" in batch.schema.names:
            total = pc.sum(batch["total_for_customer"]).as_py()
            self.total_for_customer += total or 0
        for style in pc.unique(batch["date_styles"]).to_pylist():
            if style:
                place = pc.index(batch["date_styles"], style).as_py()
                row = batch["source_row"][place].as_py()
                self._first_rows[style] = min(row, self._first_rows.get(style, row))

    def refuse_mixed_styles(self) -> None:
        """A file whose dates are in two styles has no sure reading of any.

        Raises:
            UnreadableFileError: its dates are in more than one style.
        """
        first_rows = sorted(self._first_rows.items(), key=lambda item: item[1])
        if len(first_rows) > 1 or not self._first_rows.keys() <= DATE_STYLES.keys():
            seen = " and ".join(
                name
                for bit, name in DATE_STYLES.items()
                if any(bit & style for style, _ in first_rows)
            )
            message = (
                f"its dates are in more than one style ({seen}; see rows "
                f"{first_rows[0][1]} and {first_rows[-1][1]})"
            )
            raise UnreadableFileError(message)

    def digests(self) -> tuple[str, str]:
        """Return the SHA-256 of the validated file and of the quarantine."""
        validated, quarantine = self.paths
        return sha256_of_file(validated), sha256_of_file(quarantine)


def _split(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Return the records without a reason, and those with one."""
    import pyarrow.compute as pc

    if batch["reasons"].null_count == batch.num_rows:
        return batch, batch.slice(0, 0)
    is_sound = pc.is_null(batch["reasons"])
    return batch.filter(is_sound), batch.filter(pc.invert(is_sound))


def _as_in(schema: pa.Schema, batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the batch with its texts in dictionaries where the file has them so."""
    import pyarrow as pa

    if batch.schema.equals(schema):
        return batch
    columns = [
        column.dictionary_encode() if pa.types.is_dictionary(field.type) else column
        for column, field in zip(batch.columns, schema, strict=True)
    ]
    return pa.record_batch(columns, schema=schema)


def _said_of(*tables: str) -> dict[str, str]:
    """Return what the columns of a file mean, as its metadata has it."""
    said = {name: text for table in tables for name, text in meanings(table).items()}
    return {"columns": json.dumps(said)}


def _quarantine_schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema(
        [
            ("source_file", pa.string()),
            ("source_row", pa.int64()),
            ("delivered_on", pa.date32()),
            ("customer_id", pa.string()),
            ("partner_id", pa.string()),
            ("snapshot_date", pa.date32()),
            ("reasons", pa.list_(pa.string())),
            ("record", pa.string()),
        ]
    )
