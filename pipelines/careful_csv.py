"""The slow, careful reader of delimited text: RFC 4180 to the letter.

It reads headers, and those files that the fast reader refuses: ragged rows,
quoted line breaks, lines of spaces. One record at a time is in memory.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.text_scan import UnreadableFileError, is_tabbed, opened_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Far above any real record; a longer one is a torn or foreign file.
MAX_RECORD_CHARACTERS = 1 << 20


@dataclass(frozen=True)
class Dialect:
    """How one file writes its records, and the names of its columns."""

    delimiter: str
    has_decimal_comma: bool
    header: tuple[str, ...]


def read_dialect(path: Path) -> Dialect:
    """Return the dialect of a file from its name and its header record.

    Raises:
        UnreadableFileError: there is no header, or it cannot be read.
    """
    delimiter = "\t" if is_tabbed(path) else _comma_or_semicolon(path)
    header = next(_records(path, delimiter), None)
    if header is None:
        message = "it is empty, without even a header"
        raise UnreadableFileError(message)
    return Dialect(delimiter, delimiter == ";", tuple(cell.strip() for cell in header))


def read_records(path: Path, dialect: Dialect) -> Iterator[list[str]]:
    """Yield the cells of every record after the header, as they stand.

    Raises:
        UnreadableFileError: an open quote, text after a closing quote, a bare
            carriage return, or a record without end.
    """
    records = _records(path, dialect.delimiter)
    next(records, None)
    yield from records


def _comma_or_semicolon(path: Path) -> str:
    lines = _lines(path)
    header = next((line for line in lines if not _is_blank(line)), "")
    # A header may itself hold quoted line breaks: it ends where its quotes close.
    while header.count('"') % 2:
        line = next(lines, None)
        if line is None or len(header) > MAX_RECORD_CHARACTERS:
            break
        header += line
    return ";" if header.count(";") > header.count(",") else ","


def _records(path: Path, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(MAX_RECORD_CHARACTERS)
    lines = _RecordLines(_lines(path))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0  # of the header
    try:
        while True:
            lines.start_record()
            cells = next(reader, None)
            if cells is None:
                return
            _refuse_bare_carriage_return(lines.last)
            yield cells
            number += 1
    except csv.Error as error:
        place = f"record {number}" if number else "the header"
        message = f"{place} cannot be read as delimited text ({error})"
        raise UnreadableFileError(message) from error


class _RecordLines:
    """Physical lines, without the blank ones between records.

    Inside a quoted cell a blank line is data, and a line of two quotes is a record
    with one empty cell: only the lines themselves can tell.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines, self._is_start = lines, True
        self.last = ""

    def start_record(self) -> None:
        """Expect the next line to begin a record."""
        self._is_start = True

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.last = next(self._lines)
        while self._is_start and _is_blank(self.last):
            self.last = next(self._lines)
        self._is_start = False
        return self.last


def _is_blank(line: str) -> bool:
    end = "\r\n" if line.endswith("\r\n") else "\n"
    return not line.removesuffix(end).strip(" ")


def _refuse_bare_carriage_return(last_line: str) -> None:
    """The csv module takes any number of them for the end of a record."""
    if last_line.removesuffix("\r\n").endswith("\r"):
        message = "a carriage return without a line feed"
        raise csv.Error(message)


def _lines(path: Path) -> Iterator[str]:
    try:
        with (
            opened_text(path) as stream,
            io.TextIOWrapper(stream, encoding="utf-8-sig", newline="\n") as text,
        ):
            while line := text.readline(MAX_RECORD_CHARACTERS + 1):
                _refuse_endless(line)
                yield line
    except UnicodeDecodeError as error:
        message = "it is not UTF-8 text"
        raise UnreadableFileError(message) from error


def _refuse_endless(line: str) -> None:
    if len(line) > MAX_RECORD_CHARACTERS:
        message = f"a line is longer than {MAX_RECORD_CHARACTERS:,} characters"
        raise UnreadableFileError(message)
