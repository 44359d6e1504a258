"""Look at a delivered file's bytes once, before anything is parsed.

What no CSV reader should be trusted with is found here: a torn archive, bytes
that are not UTF-8, NUL bytes, and the counts of records and delimiters that prove
later that the fast reader saw every record, with all of its cells.
"""

from __future__ import annotations

import codecs
import contextlib
import gzip
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from pipelines.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK_BYTES = 1 << 20
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LF, _CR, _QUOTE = b'\n\r"'


class UnreadableFileError(DataError):
    """A file is torn or is not the text that its feed promises.

    The message is the fault alone; the caller adds the file and what to do.
    """


@dataclass(frozen=True)
class TextFacts:
    """What the bytes of one file say, without parsing it.

    Line ends and delimiters inside quotes are not counted; blank lines are none.
    """

    lines: int
    delimiters: int
    # Whether quotes and line ends stand only where every reader agrees on them.
    is_plain: bool


def scan_text(path: Path, delimiter: str, copy_to: Path | None = None) -> TextFacts:
    """Read *path* once (and unpack it into *copy_to*), or say why it is unreadable.

    Raises:
        UnreadableFileError: a torn archive, NUL bytes, or bytes that are not UTF-8.
    """
    scanner = _Scanner(delimiter)
    out = copy_to.open("wb") if copy_to else None
    try:
        for block in _blocks(path):
            scanner.feed(block)
            if out:
                out.write(block)
    finally:
        if out:
            out.close()
    return scanner.finish()


def is_tabbed(path: Path) -> bool:
    """Return whether a delivered file separates its values by tabs, by its name."""
    return path.name.lower().removesuffix(".gz").endswith(".tsv")


@contextlib.contextmanager
def opened_text(path: Path) -> Iterator[BinaryIO]:
    """Open a delivered file for reading its text as bytes, unpacked.

    Raises:
        UnreadableFileError: while it is read, that its archive is torn.
    """
    is_packed = path.name.lower().endswith(".gz")
    try:
        with gzip.open(path, "rb") if is_packed else path.open("rb") as stream:
            yield cast("BinaryIO", stream)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        message = f"the gzip archive is torn or damaged ({error})"
        raise UnreadableFileError(message) from error


def _blocks(path: Path) -> Iterator[bytes]:
    with opened_text(path) as stream:
        while block := stream.read(BLOCK_BYTES):
            yield block


class _Scanner:
    """Counts over blocks whose borders may fall anywhere."""

    def __init__(self, delimiter: str) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._offset = 0
        self._tail = b"\n"  # the last two bytes before the block, at the most
        self._quotes = 0
        self._lines = 0
        self._delimiter = ord(delimiter)
        self._delimiters = 0
        self._is_plain = True

    def feed(self, block: bytes) -> None:
        """Count one more block."""
        self._refuse_foreign_bytes(block)
        if self._offset == 0:
            first = block.removeprefix(codecs.BOM_UTF8)[:1]
            self._is_plain = first not in {b"", b" ", b"\r", b"\n"}
        if self._tail.endswith(b'"') and not self._quotes % 2:
            self._is_plain &= self._end_cells([*block[:1]])
        self._count(block)
        self._tail = (self._tail + block)[-2:]
        self._offset += len(block)

    def finish(self) -> TextFacts:
        """Return the counts of the whole file."""
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            message = "it ends in the middle of a UTF-8 character"
            raise UnreadableFileError(message) from error
        has_open_line = self._tail[-1:] != b"\n"
        # A carriage return at the very end has no line feed to belong to.
        ends_torn = self._tail[-1:] == b"\r" or self._quotes % 2 == 1
        return TextFacts(
            lines=self._lines + has_open_line,
            delimiters=self._delimiters,
            is_plain=self._is_plain and not ends_torn,
        )

    def _count(self, block: bytes) -> None:
        import numpy as np

        # With the bytes before it, every byte of the block has its neighbours.
        before = len(self._tail)
        text = np.frombuffer(self._tail + block, np.uint8)
        is_outside = self._outside_quotes(text, before) if b'"' in block else None
        if is_outside is None and self._quotes % 2:
            return  # all of it lies inside one quoted cell
        line_ends = _places(text, _LF, before, is_outside)
        previous = text[line_ends - 1]
        # A line end after a line end, with or without a carriage return, is blank.
        is_blank = (previous == _LF) | (
            (previous == _CR) & (text[np.maximum(line_ends - 2, 0)] == _LF)
        )
        self._lines += len(line_ends) - int(np.count_nonzero(is_blank))
        self._delimiters += len(_places(text, self._delimiter, before, is_outside))
        if b"\r" in block or self._tail[-1:] == b"\r":
            self._find_bare_cr(text)

    def _outside_quotes(self, text: Any, before: int) -> Any:
        """Tell which bytes lie outside quotes; note quotes in unusual places."""
        import numpy as np

        is_quote = text == _QUOTE
        is_quote[:before] = False
        places = np.flatnonzero(is_quote)
        is_opening = (np.arange(len(places)) + self._quotes) % 2 == 0
        opens, closes = places[is_opening], places[~is_opening]
        # A quote that ends the block is looked at with the block that follows.
        if not (
            np.isin(text[opens - 1], (self._delimiter, _LF, _QUOTE)).all()
            and self._end_cells(text[closes[closes + 1 < len(text)] + 1])
        ):
            self._is_plain = False
        # Only whether the count is odd matters, so that it may well overflow.
        count = np.cumsum(is_quote, dtype=np.uint8)
        is_outside = count % 2 == self._quotes % 2
        self._quotes += len(places)
        return is_outside

    def _end_cells(self, after_quotes: Any) -> bool:
        """Tell whether each of these bytes may follow the end of a quoted cell."""
        import numpy as np

        allowed = (self._delimiter, _LF, _CR, _QUOTE)
        return bool(np.isin(after_quotes, allowed).all())

    def _find_bare_cr(self, text: Any) -> None:
        import numpy as np

        places = np.flatnonzero(text[:-1] == _CR)
        if (text[places + 1] != _LF).any():
            self._is_plain = False

    def _refuse_foreign_bytes(self, block: bytes) -> None:
        if self._offset == 0 and block.startswith(_UTF16_MARKS):
            message = "it is UTF-16 text, where UTF-8 is agreed"
            raise UnreadableFileError(message)
        if (nul := block.find(b"\0")) >= 0:
            message = f"byte {self._offset + nul + 1} is a NUL byte"
            raise UnreadableFileError(message)
        # Plain ASCII needs no decoding unless a character was cut just before.
        if block.isascii() and not self._decoder.getstate()[0]:
            return
        try:
            self._decoder.decode(block)
        except UnicodeDecodeError as error:
            place = self._offset + error.start + 1 - len(self._decoder.getstate()[0])
            message = f"it is not UTF-8 text (near byte {max(place, 1)})"
            raise UnreadableFileError(message) from error


def _places(text: Any, byte: int, start: int, is_outside: Any) -> Any:
    """Return where *byte* stands at or after *start*, outside of quotes."""
    import numpy as np

    is_there = text == byte
    is_there[:start] = False
    if is_outside is not None:
        is_there &= is_outside
    return np.flatnonzero(is_there)
