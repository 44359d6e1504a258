"""Set the odd lines of a file apart, so that the fast reader can read the others."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from pipelines.text_scan import BLOCK_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipelines.careful_csv import Dialect
    from pipelines.line_counter import OddLine


@dataclass(frozen=True)
class Parted:
    """A file in two: ``regular`` keeps a marked record where an odd one stood."""

    regular: Path
    mark: str | None  # the first cell of a marked record
    odd: Path  # a header, then the odd records as they stand
    odd_rows: tuple[int, ...]  # their numbers in the whole file
    blank_lines: int  # lines of spaces, which are no records and are left out


def part(
    text: Path, odd_lines: Sequence[OddLine], dialect: Dialect, work: Path
) -> Parted:
    """Copy the lines of *text* into two files under *work*."""
    # No sender can guess it, and no result holds it.
    mark = uuid.uuid4().hex
    placeholder = f"{mark}{dialect.delimiter * (len(dialect.header) - 1)}\n".encode()
    regular, odd = work / "regular_lines", work / "odd_lines"
    odd_rows: list[int] = []
    blank_lines = 0
    with text.open("rb") as lines, regular.open("wb") as kept, odd.open("wb") as others:
        others.write(placeholder)
        for start, end, number in odd_lines:
            _copy(lines, kept, start - lines.tell())
            if _copy_record(lines, others, end - start):
                kept.write(placeholder)
                odd_rows.append(number - blank_lines)
            else:
                blank_lines += 1
        _copy(lines, kept, text.stat().st_size - lines.tell())
    return Parted(regular, mark, odd, tuple(odd_rows), blank_lines)


def _copy_record(source: BinaryIO, target: BinaryIO, size: int) -> bool:
    """Copy one line with its line end; leave out one of spaces, and say so."""
    if size <= BLOCK_BYTES:
        line = source.read(size)
        if record := line.strip(b" \r\n") and line.rstrip(b"\r\n"):
            target.write(record + b"\n")
        return bool(record)
    # A line may be as long as the file: it is never held whole.
    start, is_blank, block = target.tell(), True, b""
    while size > 0 and (block := source.read(min(size, BLOCK_BYTES))):
        is_blank &= not block.strip(b" \r\n")
        target.write(block)
        size -= len(block)
    if is_blank:
        target.seek(start)
        target.truncate()
    elif not block.endswith(b"\n"):
        target.write(b"\n")
    return not is_blank


def _copy(source: BinaryIO, target: BinaryIO, size: int) -> None:
    while size > 0 and (block := source.read(min(size, BLOCK_BYTES))):
        target.write(block)
        size -= len(block)
