"""Values of made-up cells, before a dialect writes them as text."""

import random
from datetime import date
from decimal import Decimal

Cell = str | int | Decimal | date | None
Record = dict[str, Cell]

# A record under this key is written with so many cells too many, or too few.
RAGGED = "(ragged)"


class Guid(str):
    """An id that may be written in any case and with ``org:`` in front."""

    __slots__ = ()


class Raw(str):
    """Text that is written as it stands, such as a date of the 45th."""

    __slots__ = ()


def new_guid(rng: random.Random) -> Guid:
    """Return a random id."""
    digits = f"{rng.getrandbits(128):032x}"
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return Guid("-".join(parts))


def chance(rng: random.Random, share: float) -> bool:
    """Return True in about *share* of all calls."""
    return rng.random() < share


def pick(rng: random.Random, weighted: dict):
    """Return one of the keys, in proportion to its weight."""
    return rng.choices(list(weighted), weights=list(weighted.values()))[0]


def days(*texts: str) -> list[date]:
    """Return dates from their ISO form; the months and days of 2019 may stand alone."""
    full = [text if len(text) > len("06-30") else f"2019-{text}" for text in texts]
    return [date.fromisoformat(text) for text in full]
