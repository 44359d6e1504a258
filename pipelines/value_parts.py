"""The distinct values of a column, or of columns that are judged by one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Part:
    """Columns that are judged together, as far as the file has them."""

    of_row: Any  # int: which of the distinct combinations each row has
    texts: dict[str, pa.Array]  # column -> the text in each combination
    stands: bool = False  # whether each text is typed to itself, and nobody need ask

    def __len__(self) -> int:
        """Return how many there are."""
        return len(next(iter(self.texts.values())))


def part_of(columns: dict[str, pa.DictionaryArray]) -> Part:
    """Return the distinct combinations of some columns."""
    import numpy as np
    import pyarrow as pa

    if len(columns) == 1:
        ((name, column),) = columns.items()
        return Part(column.indices.to_numpy(), {name: column.dictionary})
    codes = np.zeros(len(next(iter(columns.values()))), np.int64)
    for column in columns.values():
        codes = codes * max(len(column.dictionary), 1) + column.indices.to_numpy()
    coded = pa.array(codes).dictionary_encode()
    rest = coded.dictionary.to_numpy()
    texts = {}
    for name, column in reversed(columns.items()):
        rest, own = np.divmod(rest, max(len(column.dictionary), 1))
        texts[name] = column.dictionary.take(pa.array(own))
    return Part(coded.indices.to_numpy(), texts)
