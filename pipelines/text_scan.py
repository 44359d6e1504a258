"""Look at a delivered file's bytes once, before anything is parsed.

What no CSV reader should be trusted with is found here: a torn archive, bytes
that are not UTF-8, NUL bytes, and the lines whose number of cells is not that of
the header. A line ends where a line end stands outside of quotes.
"""

from __future__ import annotations

import codecs
import contextlib
import gzip
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

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


class OddLine(NamedTuple):
    """A line with another number of cells than the header: its bytes, its number."""

    start: int
    end: int
    number: int  # the header is line 0; blank lines are none


@dataclass(frozen=True)
class TextFacts:
    """What the bytes of one file say, without parsing it."""

    lines: int
    odd_lines: tuple[OddLine, ...]
    # Whether quotes and line ends stand only where every reader agrees on them.
    is_plain: bool


def scan_text(
    path: Path, delimiter: str, cells: int, copy_to: Path | None = None
) -> TextFacts:
    """Read *path* once (and unpack it into *copy_to*), or say why it is unreadable.

    A line is odd that has not as many cells as its header, *cells*.

    Raises:
        UnreadableFileError: a torn archive, NUL bytes, or bytes that are not UTF-8.
    """
    scanner = _Scanner(delimiter, cells)
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

    def __init__(self, delimiter: str, cells: int) -> None:
        self._cut = b""  # the first bytes of a character that goes on
        self._offset = 0
        self._tail = b"\n"  # the last two bytes before the block, at the most
        self._quotes = 0
        self._lines = 0
        self._line_start = 0
        self._delimiter = ord(delimiter)
        self._delimiters = 0  # in the line that the block before left open
        self._delimiters_wanted = cells - 1
        self._odd_lines: list[OddLine] = []
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
        if self._cut:
            message = "it ends in the middle of a UTF-8 character"
            raise UnreadableFileError(message)
        if self._line_start < self._offset and self._quotes % 2 == 0:
            self._end_line(self._offset, self._delimiters)
        # A carriage return at the very end has no line feed to belong to.
        ends_torn = self._tail.endswith(b"\r") or self._quotes % 2 == 1
        return TextFacts(
            lines=self._lines,
            odd_lines=tuple(self._odd_lines),
            is_plain=self._is_plain and not ends_torn,
        )

    def _end_line(self, end: int, delimiters: int) -> None:
        if delimiters != self._delimiters_wanted:
            self._odd_lines.append(OddLine(self._line_start, end, self._lines))
        self._lines += 1
        self._line_start = end

    def _count(self, block: bytes) -> None:
        import numpy as np

        # With the bytes before it, every byte of the block has its neighbours.
        before = len(self._tail)
        text = np.frombuffer(self._tail + block, np.uint8)
        is_outside = self._outside_quotes(text, before) if b'"' in block else None
        if is_outside is None and self._quotes % 2:
            return  # all of it lies inside one quoted cell
        is_cut = text == self._delimiter
        is_cut[:before] = False
        if is_outside is not None:
            is_cut &= is_outside
        self._count_lines(text, _places(text, _LF, before, is_outside), is_cut)
        if b"\r" in block or self._tail[-1:] == b"\r":
            self._find_bare_cr(text)

    def _count_lines(self, text: Any, line_ends: Any, is_cut: Any) -> None:
        """Count the lines that end in the block, and look for the odd ones."""
        import numpy as np

        if not len(line_ends):
            self._delimiters += int(np.count_nonzero(is_cut))
            return
        previous = text[line_ends - 1]
        # A line end after a line end, with or without a carriage return, is blank.
        is_blank = (previous == _LF) | (
            (previous == _CR) & (text[np.maximum(line_ends - 2, 0)] == _LF)
        )
        lines = int(np.count_nonzero(~is_blank))
        cuts = self._delimiters + int(np.count_nonzero(is_cut[: line_ends[-1]]))
        # Where an odd line hides behind another, the fast reader finds the short one.
        if cuts != lines * self._delimiters_wanted:
            self._find_odd_lines(line_ends, is_blank, np.flatnonzero(is_cut))
        self._lines += lines
        self._line_start = self._place_after(int(line_ends[-1]))
        self._delimiters = int(np.count_nonzero(is_cut[line_ends[-1] :]))

    def _find_odd_lines(self, line_ends: Any, is_blank: Any, cuts: Any) -> None:
        import numpy as np

        # How many delimiters stand before each line end, counted from the open line.
        counts = np.searchsorted(cuts, line_ends) + self._delimiters
        is_odd = np.diff(counts, prepend=0) != self._delimiters_wanted
        numbers = self._lines + np.cumsum(~is_blank) - 1
        starts = [self._line_start, *map(self._place_after, line_ends.tolist())]
        self._odd_lines += [
            OddLine(starts[at], starts[at + 1], int(numbers[at]))
            for at in np.flatnonzero(is_odd & ~is_blank).tolist()
        ]

    def _place_after(self, index: int) -> int:
        """Return the place in the file that comes after an index of the block."""
        return self._offset - len(self._tail) + index + 1

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
        borders = np.concatenate(([0], places, [len(text)]))
        is_outside = (np.arange(len(places) + 1) + self._quotes) % 2 == 0
        self._quotes += len(places)
        return np.repeat(is_outside, np.diff(borders))

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
        if block.isascii() and not self._cut:
            return
        text = self._cut + block
        whole = len(text) - _bytes_of_a_cut_character(text[-3:])
        if not _is_utf8(text[:whole]):
            end = self._offset + len(block)
            message = (
                f"it is not UTF-8 text (between bytes {self._offset + 1:,} and {end:,})"
            )
            raise UnreadableFileError(message)
        self._cut = text[whole:]


def _is_utf8(text: bytes) -> bool:
    import pyarrow as pa

    ends = pa.py_buffer(struct.pack("<2i", 0, len(text)))
    try:
        # This looks at the bytes where they are; decoding them would copy.
        pa.StringArray.from_buffers(1, ends, pa.py_buffer(text)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _bytes_of_a_cut_character(tail: bytes) -> int:
    r"""Return how many bytes at the end begin a character that is not whole.

    >>> _bytes_of_a_cut_character("é".encode()), _bytes_of_a_cut_character(b"aa\xc3")
    (0, 1)
    """
    for count, byte in enumerate(reversed(tail), start=1):
        if byte >= 0xC0:  # noqa: PLR2004 - the first byte of several
            length = 2 + (byte >= 0xE0) + (byte >= 0xF0)  # noqa: PLR2004
            return count if count < length else 0
        if byte < 0x80:  # noqa: PLR2004 - a character of its own
            return 0
    return 0


def _places(text: Any, byte: int, start: int, is_outside: Any) -> Any:
    """Return where *byte* stands at or after *start*, outside of quotes."""
    import numpy as np

    is_there = text == byte
    is_there[:start] = False
    if is_outside is not None:
        is_there &= is_outside
    return np.flatnonzero(is_there)
