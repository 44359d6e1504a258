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
from typing import TYPE_CHECKING, BinaryIO, cast

from pipelines.errors import DataError
from pipelines.line_counter import LineCounter, OddLine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK_BYTES = 1 << 18  # what the caches of a core hold
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class UnreadableFileError(DataError):
    """A file is torn or is not the text that its feed promises.

    The message is the fault alone; the caller adds the file and what to do.
    """


@dataclass(frozen=True)
class TextFacts:
    """What the bytes of one file say, without parsing it."""

    lines: int
    odd_lines: tuple[OddLine, ...]
    # Whether quotes and line ends stand only where every reader agrees on them.
    is_plain: bool
    has_quotes: bool


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
    """What every block of a text must be, and the counts of all of them."""

    def __init__(self, delimiter: str, cells: int) -> None:
        self._counter = LineCounter(delimiter, cells)
        self._cut = b""  # the first bytes of a character that goes on
        self._offset = 0

    def feed(self, block: bytes) -> None:
        """Check and count one more block."""
        self._refuse_foreign_bytes(block)
        if self._offset == 0:
            first = block.removeprefix(codecs.BOM_UTF8)[:1]
            self._counter.is_plain = first not in {b"", b" ", b"\r", b"\n"}
        self._counter.feed(block)
        self._offset += len(block)

    def finish(self) -> TextFacts:
        """Return the counts of the whole file."""
        if self._cut:
            message = "it ends in the middle of a UTF-8 character"
            raise UnreadableFileError(message)
        self._counter.finish()
        return TextFacts(
            lines=self._counter.lines,
            odd_lines=tuple(self._counter.odd_lines),
            is_plain=self._counter.is_plain,
            has_quotes=self._counter.has_quotes,
        )

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
        if (bad := _first_byte_that_is_not_utf8(text[:whole])) is not None:
            near = self._offset - len(self._cut) + bad + 1
            message = f"it is not UTF-8 text (near byte {near})"
            raise UnreadableFileError(message)
        self._cut = text[whole:]


def _first_byte_that_is_not_utf8(text: bytes) -> int | None:
    import pyarrow as pa

    ends = pa.py_buffer(struct.pack("<2i", 0, len(text)))
    try:
        # This looks at the bytes where they are; decoding them would copy.
        pa.StringArray.from_buffers(1, ends, pa.py_buffer(text)).validate(full=True)
    except pa.ArrowInvalid:
        try:
            text.decode()
        except UnicodeDecodeError as error:
            return error.start
    return None


def _bytes_of_a_cut_character(tail: bytes) -> int:
    r"""Return how many bytes at the end begin a character that is not whole.

    >>> _bytes_of_a_cut_character("é".encode()), _bytes_of_a_cut_character(b"aa\xc3")
    (0, 1)
    """
    for count, byte in enumerate(reversed(tail), start=1):
        if byte >= 0xF8:  # noqa: PLR2004 - begins nothing
            return 0
        if byte >= 0xC0:  # noqa: PLR2004 - the first byte of several
            length = 2 + (byte >= 0xE0) + (byte >= 0xF0)  # noqa: PLR2004
            return count if count < length else 0
        if byte < 0x80:  # noqa: PLR2004 - a character of its own
            return 0
    return 0
