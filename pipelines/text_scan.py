"""Look at a delivered file's bytes once, before anything is parsed.

What no CSV reader should be trusted with is found here: a torn archive, bytes
that are not UTF-8, NUL bytes, and the counts of line ends that prove later that
the fast reader saw every record.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from pipelines.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK_BYTES = 1 << 20
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class UnreadableFileError(DataError):
    """A file is torn or is not the text that its feed promises.

    The message is the fault alone; the caller adds the file and what to do.
    """


@dataclass(frozen=True)
class TextFacts:
    """What the bytes of one file say, without parsing it."""

    lines: int
    has_bare_cr: bool
    starts_blank: bool

    @property
    def is_plain(self) -> bool:
        """Whether every line may be one record, so that the lines can be counted on."""
        return not self.has_bare_cr and not self.starts_blank


def scan_text(path: Path, copy_to: Path | None = None) -> TextFacts:
    """Read *path* once (and unpack it into *copy_to*), or say why it is unreadable.

    Raises:
        UnreadableFileError: a torn archive, NUL bytes, or bytes that are not UTF-8.
    """
    scanner = _Scanner()
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


def open_text(path: Path) -> BinaryIO:
    """Open a delivered file for reading its text as bytes, unpacked."""
    if path.name.lower().endswith(".gz"):
        return cast("BinaryIO", gzip.open(path, "rb"))
    return path.open("rb")


def _blocks(path: Path) -> Iterator[bytes]:
    try:
        with open_text(path) as stream:
            while block := stream.read(BLOCK_BYTES):
                yield block
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        message = f"the gzip archive is torn or damaged ({error})"
        raise UnreadableFileError(message) from error


class _Scanner:
    """Counts over blocks whose borders may fall anywhere."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._offset = 0
        self._last = b""  # the last byte of the block before
        self._starts_blank = True
        self._newlines = 0
        self._carriage_returns = 0
        self._crlf = 0

    def feed(self, block: bytes) -> None:
        """Count one more block."""
        self._refuse_foreign_bytes(block)
        if self._offset == 0:
            first = block.removeprefix(codecs.BOM_UTF8)[:1]
            self._starts_blank = first in {b"", b" ", b"\r", b"\n"}
        self._newlines += block.count(b"\n")
        if b"\r" in block or self._last == b"\r":
            self._carriage_returns += block.count(b"\r")
            # A line end may be cut by the border between two blocks.
            self._crlf += (self._last + block).count(b"\r\n")
        self._last = block[-1:]
        self._offset += len(block)

    def finish(self) -> TextFacts:
        """Return the counts of the whole file."""
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            message = "it ends in the middle of a UTF-8 character"
            raise UnreadableFileError(message) from error
        has_open_line = self._last not in {b"", b"\n"}
        return TextFacts(
            lines=self._newlines + has_open_line,
            has_bare_cr=self._carriage_returns != self._crlf,
            starts_blank=self._starts_blank,
        )

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
