"""Chance that repeats: every draw follows from the seed and from what it is for.

Draws come from a hash and not from ``random``, whose methods may change between
versions: the same seed gives the same bytes on any machine.
"""

from __future__ import annotations

import datetime as dt
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

_DIGEST_BITS = 512
# Room left over that keeps every number of a draw about equally likely.
_SPARE_BITS = 64


class Chance:
    """A stream of draws for one subject, such as the customer 17 of a seed."""

    def __init__(self, *subject: object) -> None:
        self._subject = "/".join(str(part) for part in subject)
        self._turn = 0
        self._refill()

    def _refill(self) -> None:
        text = f"{self._subject}#{self._turn}"
        self._pool = int.from_bytes(blake2b(text.encode()).digest(), "big")
        self._room = 1 << _DIGEST_BITS
        self._turn += 1

    def below(self, limit: int) -> int:
        """Return a whole number from 0 to *limit* - 1."""
        if self._room < limit << _SPARE_BITS:
            self._refill()
        self._pool, drawn = divmod(self._pool, limit)
        self._room //= limit
        return drawn

    def between(self, lowest: int, highest: int) -> int:
        """Return a whole number, both ends included."""
        return lowest + self.below(highest - lowest + 1)

    def one_in(self, number: int) -> bool:
        """Return True once in *number* times."""
        return self.below(number) == 0

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of *choices*."""
        return choices[self.below(len(choices))]

    def day(self, first: dt.date, last: dt.date) -> dt.date:
        """Return a day, both ends included."""
        return first + dt.timedelta(days=self.below((last - first).days + 1))

    def digits(self, count: int) -> str:
        """Return so many digits; the first ones may be 0."""
        return f"{self.below(10**count):0{count}d}"

    def guid(self) -> str:
        """Return an id of 128 bits, in lower case."""
        return guid_of(f"{self.below(1 << 128):032x}")


def guid_of(digits: str) -> str:
    """Return 32 hex digits in the form of a GUID.

    >>> guid_of("00112233445566778899aabbccddeeff")
    '00112233-4455-6677-8899-aabbccddeeff'
    """
    return (
        f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"
    )
