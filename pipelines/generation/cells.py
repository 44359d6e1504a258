"""Cells of made-up records, before a file's dialect writes them as text."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Text stands as it is; the others are written in the way of the file.
Cell = str | int | Decimal | dt.date | None

Record = dict[str, Cell]

# Under this key, a record is written with one cell too many.
SURPLUS_CELL = "(surplus)"


def money(cents: int) -> Decimal:
    """Return cents as an amount.

    >>> money(-1205)
    Decimal('-12.05')
    """
    return Decimal(cents).scaleb(-2)


def spoiled(record: Record, cells: Mapping[str, Cell] | None) -> Record:
    """Return the record with some cells replaced."""
    return {**record, **cells} if cells else record
