"""Type a large file by its values: what stands in many rows is read once.

The rows of an invoice repeat themselves: days, products, prices, customers. So the
staging SQL gets made-up records, each with values that it has not seen yet, until it
has seen all of them; a row is sound if all of its values are. Columns that are judged
by one another (``Feed.judged_together``) stay together in such a record. Rows that
are not sound go through the same SQL themselves, for their reasons.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pipelines.plain_ids import is_plain_guid, is_trimmed
from pipelines.typed_rows import UNIQUE_COLUMNS
from pipelines.value_parts import Part, part_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa

    from pipelines.feeds import Feed

    # Texts by column name, constants for other columns, and the columns wanted ("*" for
    # all): a table of typed records, one for each row of texts.
    TypeTexts = Callable[[pa.Table, dict[str, str], Sequence[str]], pa.Table]

# With more values than these in doubt, it costs less to look at every row.
MOST_SUSPECTS = 20_000
GUID_COLUMNS = frozenset({"customer_id", "syndication_partner_subscription_number"})
# Of each there are as many as customers; where all are plain, none is typed.
KEPT_COLUMNS = frozenset({"customer_id", "customer_name", "domain_name"})
# What is sound in any column of UNIQUE_COLUMNS.
SOUND_ID = "00000000-0000-0000-0000-000000000000"


class NotByValueError(Exception):
    """These rows cannot be typed by their values."""


@dataclass(frozen=True)
class _Unlike:
    """The columns whose texts hardly ever come twice, typed, and which are sound."""

    columns: dict[str, pa.Array]
    is_sound: Any  # bool: of each row


@dataclass(frozen=True)
class Typed:
    """A batch of rows: the sound ones typed, and where the others stand."""

    sound: pa.RecordBatch
    faulty: Any  # int: the places of the other rows in the batch


@dataclass(frozen=True)
class TypingByValue:
    """What it takes to type the batches of one file."""

    feed: Feed
    positions: dict[str, int]
    type_texts: TypeTexts

    def uncoded(self) -> set[int]:
        """Return the places of the columns whose texts hardly ever come twice."""
        return {at for name, at in self.positions.items() if name in UNIQUE_COLUMNS}

    def type(self, cells: pa.RecordBatch, numbers: pa.Array) -> Typed:
        """Return the typed rows of a batch of coded cells; *numbers* are theirs.

        Raises:
            NotByValueError: too many of the values are in doubt.
        """
        import numpy as np
        import pyarrow as pa

        parts = list(self._parts(cells))
        typed, is_fine, example = self._judge(parts)
        unlike = self._type_unlike(cells, parts, example)
        is_sound = np.ones(cells.num_rows, bool)
        for part, fine in zip(parts, is_fine, strict=True):
            if not fine.all():
                is_sound &= fine[part.of_row]
        is_sound &= unlike.is_sound
        sound = None if is_sound.all() else pa.array(np.flatnonzero(is_sound))
        return Typed(
            self._gathered(typed, unlike, parts, numbers, sound),
            np.flatnonzero(~is_sound),
        )

    def _parts(self, cells: pa.RecordBatch) -> Iterator[Part]:
        together = [
            tuple(name for name in names if name in self.positions)
            for names in self.feed.judged_together
        ]
        taken = {name for names in together for name in names} | UNIQUE_COLUMNS
        alone = [(name,) for name in self.positions if name not in taken]
        for names in (*together, *alone):
            part = part_of({name: cells[f"c{self.positions[name]}"] for name in names})
            (name, texts), *others = part.texts.items()
            is_kept = name in KEPT_COLUMNS and not others
            yield replace(part, stands=is_kept and _is_plain(name, texts).all())

    def _judge(self, parts: list[Part]) -> tuple[pa.Table, list[Any], int]:
        """Return the typed values, which of them are fine, and a sound record."""
        import numpy as np

        places = np.arange(max(len(part) for part in parts if not part.stands))
        typed = self._typed(parts, [places % len(part) for part in parts])
        sound_at = np.flatnonzero(_is_null(typed["reasons"]))
        is_fine = []
        for part in parts:
            fine = np.full(len(part), part.stands)
            fine[sound_at % len(part)] = True
            is_fine.append(fine)
        if sum(len(fine) - fine.sum() for fine in is_fine):
            self._judge_suspects(parts, is_fine, sound_at)
        return typed, is_fine, int(sound_at[0])

    def _judge_suspects(
        self, parts: list[Part], is_fine: list[Any], sound_at: Any
    ) -> None:
        """Judge each value that was only seen beside faulty ones, among sound ones."""
        import numpy as np

        suspects = [np.flatnonzero(~fine) for fine in is_fine]
        count = sum(map(len, suspects))
        if not len(sound_at) or count > MOST_SUSPECTS:
            raise NotByValueError
        start, places = 0, []
        for part, mine in zip(parts, suspects, strict=True):
            own = np.full(count, sound_at[0] % len(part))
            own[start : start + len(mine)] = mine
            places.append(own)
            start += len(mine)
        is_sound = _is_null(self._typed(parts, places)["reasons"])
        start = 0
        for fine, mine in zip(is_fine, suspects, strict=True):
            fine[mine] = is_sound[start : start + len(mine)]
            start += len(mine)

    def _typed(self, parts: list[Part], places: list[Any]) -> pa.Table:
        """Return records typed that are made up of the values at *places*."""
        import pyarrow as pa

        texts = {
            name: values.take(pa.array(mine))
            for part, mine in zip(parts, places, strict=True)
            for name, values in part.texts.items()
        }
        unlike = {name: SOUND_ID for name in self.positions if name in UNIQUE_COLUMNS}
        return self.type_texts(pa.table(texts), unlike, ["*"])

    def _type_unlike(
        self, cells: pa.RecordBatch, parts: list[Part], example: int
    ) -> _Unlike:
        """Return the uncoded columns typed, row by row, among sound values."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        columns = {
            name: cells[f"c{at}"]
            for name, at in self.positions.items()
            if name in UNIQUE_COLUMNS
        }
        is_sound = np.ones(cells.num_rows, bool)
        for name, column in columns.items():
            is_sound &= _is_plain(name, column)
        if is_sound.all():
            return _Unlike(columns, is_sound)
        others = np.flatnonzero(~is_sound)
        texts = {name: column.take(others) for name, column in columns.items()}
        among = {
            name: values[example % len(part)].as_py()
            for part in parts
            for name, values in part.texts.items()
        }
        wanted = ["source_row", "reasons", *columns]
        typed = self.type_texts(pa.table(texts), among, wanted).combine_chunks()
        mask = pa.array(~is_sound)
        is_sound[others] = _is_null(typed["reasons"])
        return _Unlike(
            {
                name: pc.replace_with_mask(column, mask, typed[name].combine_chunks())
                for name, column in columns.items()
            },
            is_sound,
        )

    def _gathered(
        self,
        typed: pa.Table,
        unlike: _Unlike,
        parts: list[Part],
        numbers: pa.Array,
        sound: pa.Array | None,
    ) -> pa.RecordBatch:
        """Return the sound rows, each with the values that its texts were typed to."""
        import pyarrow as pa

        owner = {name: part for part in parts for name in part.texts}
        rows_of = {
            id(part): _taken(pa.array(part.of_row), sound).to_numpy() for part in parts
        }
        columns = {}
        for name in typed.schema.names:
            if name == "source_row":
                columns[name] = _taken(numbers, sound)
            elif name == "reasons":
                columns[name] = pa.nulls(len(rows_of[id(parts[0])]), pa.string())
            elif name in unlike.columns:
                columns[name] = _taken(unlike.columns[name], sound)
            else:
                # A column that the file lacks is one value, and so in the first part.
                part = owner.get(name, parts[0])
                values = typed[name].combine_chunks().slice(0, len(part))
                if part.stands and name in part.texts:
                    values = part.texts[name]
                columns[name] = _gather(name, values, rows_of[id(part)])
        return pa.record_batch(columns)


def _is_plain(name: str, texts: pa.Array) -> Any:
    """Return which texts of a column are typed to themselves, as sure as SQL is."""
    return is_plain_guid(texts) if name in GUID_COLUMNS else is_trimmed(texts)


def _gather(name: str, values: pa.Array, rows: Any) -> pa.Array:
    import pyarrow as pa

    if not pa.types.is_string(values.type):
        return values.take(pa.array(rows))
    coded = values.dictionary_encode()  # two texts may be typed alike
    rows_coded = coded.indices.take(pa.array(rows))
    if name in UNIQUE_COLUMNS:
        return coded.dictionary.take(rows_coded)
    return pa.DictionaryArray.from_arrays(rows_coded, coded.dictionary)


def _taken(values: pa.Array, places: pa.Array | None) -> pa.Array:
    return values if places is None else values.take(places)


def _is_null(column: pa.ChunkedArray) -> Any:
    return column.is_null().to_numpy()
