"""The records of one file, typed by the SQL of ``sql/staging/``, whoever reads them.

The records that come out are compared with the lines that went in, counted apart: a
file whose records the fast reader did not see one by one is read again by the careful
one. Large files are typed by their values, where that is as sure.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pipelines import engine
from pipelines.account_problems import add_account_problems
from pipelines.careful_csv import read_records
from pipelines.coded_cells import read_coded_cells
from pipelines.odd_lines import Parted, part
from pipelines.text_scan import TextFacts, UnreadableFileError
from pipelines.typed_rows import WORKING_COLUMNS, OutputPaths, TypedRows
from pipelines.typing_by_value import NotByValueError, TypingByValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

    from pipelines.landing import LandedFile
    from pipelines.raw_records import RawRecords

# A row group of the validated files; two workers hold a few batches each.
BATCH_ROWS = 1 << 16
# A file with more of them has another fault than a line here and there.
MOST_ODD_LINES = 100_000
# Below, a file has too few rows for its values to repeat themselves.
BY_VALUE_BYTES = 1 << 22


@dataclass(frozen=True)
class FileTyping:
    """One file on its way through the staging SQL."""

    raw: RawRecords
    file: LandedFile
    out: OutputPaths

    def read_fast(self, text: Path, facts: TextFacts, work: Path) -> TypedRows | None:
        """Type with the fast reader, and odd lines with the careful one.

        Returns None if the fast reader cannot be trusted with the file.
        """
        if not facts.is_plain or len(facts.odd_lines) > MOST_ODD_LINES:
            return None
        parted = Parted(text, None, text, (), 0)
        if facts.odd_lines:
            parted = part(text, facts.odd_lines, self.raw.dialect, work)
        records = facts.lines - parted.blank_lines - 1
        for way in self._ways(parted.regular, facts):
            rows = self._read_by(way, parted)
            if rows and rows.validated + rows.quarantined == records:
                return rows
        return None

    def _ways(
        self, text: Path, facts: TextFacts
    ) -> Iterator[Callable[[Parted, TypedRows], None]]:
        is_large = text.stat().st_size >= BY_VALUE_BYTES
        if is_large and self.raw.feed.judged_together:
            yield partial(self._type_by_value, has_quotes=facts.has_quotes)
        yield self._type_by_row

    def _read_by(
        self, way: Callable[[Parted, TypedRows], None], parted: Parted
    ) -> TypedRows | None:
        import duckdb
        import pyarrow as pa

        try:
            with TypedRows(self.out, self.raw.feed.name) as rows:
                way(parted, rows)
                if parted.odd_rows:
                    odd = read_records(parted.odd, self.raw.dialect)
                    self._type_carefully(rows, zip(parted.odd_rows, odd, strict=True))
        except (duckdb.Error, pa.ArrowInvalid, NotByValueError, UnreadableFileError):
            return None
        if parted.odd_rows:
            rows.sort_quarantine()
        return rows

    def _type_by_row(self, parted: Parted, rows: TypedRows) -> None:
        self.raw.read_fast(parted.regular, parted.mark)
        self._type_into(rows)

    def _type_by_value(
        self, parted: Parted, rows: TypedRows, *, has_quotes: bool
    ) -> None:
        """Type the sound rows by their values, and look at the others one by one."""
        import numpy as np
        import pyarrow as pa

        by_value = TypingByValue(
            self.raw.feed, self.raw.columns.positions, self._type_texts
        )
        first = 1
        for block in read_coded_cells(
            parted.regular, self.raw.dialect, by_value.uncoded(), has_quotes=has_quotes
        ):
            numbers = pa.array(np.arange(first, first + block.num_rows))
            first += block.num_rows
            cells = block
            if parted.mark:
                cells, numbers = _without(parted.mark, block, numbers)
            if not cells.num_rows:
                continue
            typed = by_value.type(cells, numbers)
            rows.write(typed.sound.schema, [typed.sound])
            self._quarantine(rows, cells, numbers, pa.array(typed.faulty))

    def _quarantine(
        self, rows: TypedRows, cells: pa.RecordBatch, numbers: pa.Array, at: pa.Array
    ) -> None:
        """Name the faults of the rows at some places of a batch."""
        if not len(at):
            return
        validated = rows.validated
        self.raw.read_cells(cells.take(at), numbers.take(at))
        self._type_into(rows)
        if rows.validated != validated:
            raise NotByValueError  # a row is sound though one of its values is not

    def _type_texts(
        self, texts: pa.Table, constants: dict[str, str], wanted: Sequence[str]
    ) -> pa.Table:
        relation = self.raw.of_texts(texts, constants)
        staging = f"with raw_records as (\n{relation}\n) from (\n{self._staging()}\n)"
        typed = f"select {', '.join(wanted)} from ({self._typed('null', staging)})"
        return self.raw.con.sql(typed).to_arrow_table().sort_by("source_row")

    def read_carefully(self, landed: Path) -> TypedRows:
        """Type with the careful reader, which says what is wrong with a file."""
        with TypedRows(self.out, self.raw.feed.name) as rows:
            records = enumerate(read_records(landed, self.raw.dialect), start=1)
            seen = self._type_carefully(rows, records)
        if rows.validated + rows.quarantined != seen:
            message = (
                f"{seen} records were read, but {rows.validated} validated and "
                f"{rows.quarantined} quarantined"
            )
            raise UnreadableFileError(message)
        return rows

    def _type_carefully(
        self, rows: TypedRows, records: Iterable[tuple[int, list[str]]]
    ) -> int:
        """Type numbered records; return how many there were."""
        faults, seen = self.raw.read_carefully(records)
        self._type_into(rows)
        if faults:
            raise faults[0]
        return sum(seen)

    def _type_into(self, rows: TypedRows) -> None:
        """Run the staging SQL over ``raw_records`` into the two output files."""
        if self.raw.feed.name == "bank_accounts":
            add_account_problems(self.raw.con)
        typed = self._typed(self.raw.record_text(), self._staging())
        reader = self.raw.con.sql(typed).to_arrow_reader(BATCH_ROWS)
        rows.write(reader.schema, reader)

    def _staging(self) -> str:
        return engine.read_sql(f"staging/{self.raw.feed.name}")

    def _typed(self, record_text: str, staging: str) -> str:
        """Return the SQL of typed records, each with its place and its faults."""
        working = ", ".join((*WORKING_COLUMNS, "source_row"))
        kept = ", ".join(name for name in WORKING_COLUMNS if name != "record")
        is_billing = self.raw.feed.name == "billing"
        invoice = engine.quoted(self.file.invoice_number) if is_billing else "null"
        return (
            f"select * exclude ({working}), "
            f"{engine.quoted(self.file.name)} as source_file, source_row, "
            f"date '{self.file.delivered_on}' as delivered_on, "
            f"cast({invoice} as varchar) as invoice_number, {kept}, "
            "case when reasons is not null "
            f"then {record_text} end as record "
            f"from (\n{staging}\n)"
        )


def _without(
    mark: str, block: pa.RecordBatch, numbers: pa.Array
) -> tuple[pa.RecordBatch, pa.Array]:
    """Leave out the marked records, and the mark: it is another one every time."""
    import pyarrow as pa
    import pyarrow.compute as pc

    first = block["c0"].cast(pa.string())
    is_record = pc.not_equal(first, mark)
    cells = block.filter(is_record)
    if pa.types.is_dictionary(block["c0"].type):
        # A dictionary would keep what no row has any more.
        cells = cells.set_column(0, "c0", first.filter(is_record).dictionary_encode())
    return cells, numbers.filter(is_record)
