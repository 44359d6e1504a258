"""From delivered bytes to records of raw cells: encoding, compression, quoting."""

import gzip
import zlib

from pipelines.second_reading.refusal import Refused

QUOTE = '"'


def decode(name: str, raw: bytes) -> str:
    """Return the text of a file; torn gzip, cut UTF-8 or a NUL byte is a fault."""
    try:
        data = _unpack(raw) if name.lower().endswith(".gz") else raw
        text = data.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise Refused("unreadable", f"{name}: {error}") from error
    if "\0" in text:
        raise Refused("unreadable", f"{name}: holds a NUL byte")
    return text


def _unpack(raw: bytes) -> bytes:
    # The gzip module takes no bytes at all for an empty archive; it is a torn one.
    if not raw:
        raise EOFError("an empty file is no gzip archive")
    return gzip.decompress(raw)


def split(name: str, text: str) -> tuple[str, list[list[str]]]:
    """Return the delimiter and the records, header first, blank lines left out."""
    delimiter = _delimiter(name, text)
    found: list[list[str]] = []
    at = 0
    while at < len(text):
        line, after_line = _line(text, at)
        if line.strip(" ") == "":
            at = after_line
        elif QUOTE in line or "\r" in line:
            record, at = _record(name, text, at, delimiter)
            found.append(record)
        else:
            # Without a quote, a line is a record, and delimiters do nothing else.
            found.append(line.split(delimiter))
            at = after_line
    return delimiter, found


def _delimiter(name: str, text: str) -> str:
    """Read the delimiter off the ending, or off what the header holds more of."""
    if name.lower().removesuffix(".gz").endswith(".tsv"):
        return "\t"
    header = next((line for line in text.split("\n") if line.strip(" \r")), "")
    return ";" if header.count(";") > header.count(",") else ","


def _line(text: str, at: int) -> tuple[str, int]:
    """Return the physical line that starts at *at*, and where the next one does."""
    end = text.find("\n", at)
    if end < 0:
        return text[at:], len(text)
    return text[at:end].removesuffix("\r"), end + 1


def _record(name: str, text: str, at: int, delimiter: str) -> tuple[list[str], int]:
    cells: list[str] = []
    while True:
        cell, at = _cell(name, text, at, delimiter)
        cells.append(cell)
        if not text.startswith(delimiter, at):
            return cells, _past_line_end(name, text, at)
        at += 1


def _cell(name: str, text: str, at: int, delimiter: str) -> tuple[str, int]:
    if text.startswith(QUOTE, at):
        return _quoted_cell(name, text, at + 1)
    end = at
    while end < len(text) and text[end] not in (delimiter, "\r", "\n"):
        end += 1
    return text[at:end], end


def _quoted_cell(name: str, text: str, at: int) -> tuple[str, int]:
    """Read up to the closing quote; two quotes stand for one (RFC 4180)."""
    cell = ""
    while True:
        quote = text.find(QUOTE, at)
        if quote < 0:
            raise Refused("unreadable", f"{name}: a quote is never closed")
        cell += text[at:quote]
        if not text.startswith(QUOTE, quote + 1):
            return cell, quote + 1
        cell += QUOTE
        at = quote + 2


def _past_line_end(name: str, text: str, at: int) -> int:
    """Step over LF or CRLF; a bare CR or text after a closing quote is a fault."""
    if at == len(text):
        return at
    if text.startswith("\n", at):
        return at + 1
    if text.startswith("\r\n", at):
        return at + 2
    # Its place alone: what stands there may be the number of a bank account.
    raise Refused("unreadable", f"{name}: no line ends at character {at + 1:,}")
