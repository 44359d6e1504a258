"""The ways in which a file may be written, and one file's text in each of them."""

from __future__ import annotations

import datetime as dt
import struct
import zlib
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.generation.cells import SURPLUS_CELL, Cell, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ISO, SLASH, SLASH_TIME, DOT, ISO_TIME, ISO_ZONE = range(6)
GUID_COLUMNS = {
    "CustomerId",
    "SyndicationPartnerSubscriptionNumber",
    "DurableOfferId",
    "CustomerTenantId",
}
NOISY_COLUMNS = {"Amount", "Subtotal"}
FLOAT_NOISE = Decimal("1e-15")
STORED_BLOCK = 65_535


@dataclass(frozen=True)
class Dialect:
    """One way to write a file; the defaults are the plain way."""

    shows: str
    delimiter: str = ","
    ending: str = ".csv"
    dates: int = ISO
    line_end: str = "\n"
    has_bom: bool = False
    has_decimal_comma: bool = False
    # How headers look: as agreed, in capitals, snake_case, with spaces.
    headers: str = "as agreed"
    # By how many columns the order is turned.
    turned: int = 0
    unknown: tuple[str, ...] = ()
    quotes_all: bool = False
    has_line_breaks: bool = False
    has_blank_lines: bool = False
    has_float_noise: bool = False
    has_org_prefix: bool = False
    is_padded: bool = False
    # Billing: which column names the reseller.
    reseller: str = "ResellerMpnId"
    has_last_line_end: bool = True

    def file_bytes(self, columns: Sequence[str], records: Iterable[Record]) -> bytes:
        """Return the whole file: its header and its records."""
        order = [*columns[self.turned :], *columns[: self.turned], *self.unknown]
        lines = [self._line([self._header(column) for column in order])]
        for number, record in enumerate(records):
            if self.has_blank_lines and number % 7 == 3:  # noqa: PLR2004 - now and then
                lines.append("   ")
            lines.append(self._line(self._cells(order, record)))
        text = self.line_end.join(lines)
        text += self.line_end if self.has_last_line_end else ""
        content = text.encode("utf-8-sig" if self.has_bom else "utf-8")
        return gzipped(content) if self.ending.endswith(".gz") else content

    def _header(self, column: str) -> str:
        if self.headers == "in capitals":
            return column.upper()
        words = "".join(f" {c}" if c.isupper() else c for c in column).strip()
        if self.headers == "with spaces":
            return words
        return words.lower().replace(" ", "_") if self.headers == "snake" else column

    def _cells(self, order: Sequence[str], record: Record) -> Iterator[str]:
        for column in order:
            yield self._text(column, record.get(column))
        if SURPLUS_CELL in record:
            yield str(record[SURPLUS_CELL])

    def _text(self, column: str, value: Cell) -> str:
        text = self._plain_text(column, value)
        if self.has_org_prefix and column in GUID_COLUMNS and text:
            text = f"org:{text.upper()}"
        if self.has_line_breaks and column == "SubscriptionDescription":
            text = f"Ordered by phone,{self.line_end}see the note"
        return f" {text}  " if self.is_padded and text else text

    def _plain_text(self, column: str, value: Cell) -> str:
        if value is None:
            return ""
        if isinstance(value, dt.date):
            return date_text(value, self.dates)
        if isinstance(value, Decimal):
            if self.has_float_noise and column in NOISY_COLUMNS:
                value += FLOAT_NOISE
            text = f"{value:f}"
            return text.replace(".", ",") if self.has_decimal_comma else text
        return str(value)

    def _line(self, cells: Iterable[str]) -> str:
        return self.delimiter.join(map(self._quoted, cells))

    def _quoted(self, text: str) -> str:
        if self.quotes_all or self.delimiter in text or needs_quotes(text):
            return '"' + text.replace('"', '""') + '"'
        return text


def needs_quotes(text: str) -> bool:
    """Tell whether a text has to be quoted, whatever the delimiter."""
    return '"' in text or "\n" in text or "\r" in text


def date_text(day: dt.date, style: int) -> str:
    """Return a day in one of the styles.

    >>> [date_text(dt.date(2019, 6, 5), style) for style in (ISO, SLASH, DOT)]
    ['2019-06-05', '6/5/2019', '5.6.2019']
    """
    slash = f"{day.month}/{day.day}/{day.year}"
    return {
        ISO: day.isoformat(),
        SLASH: slash,
        SLASH_TIME: f"{slash} 0:00:00",
        DOT: f"{day.day}.{day.month}.{day.year}",
        ISO_TIME: f"{day.isoformat()} 00:00:00",
        ISO_ZONE: f"{day.isoformat()}T00:00:00+01:00",
    }[style]


def gzipped(content: bytes) -> bytes:
    """Return a gzip archive of *content*, stored: the same bytes from any zlib."""
    parts = [b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"]
    starts = range(0, max(len(content), 1), STORED_BLOCK)
    for start in starts:
        block = content[start : start + STORED_BLOCK]
        is_last = start == starts[-1]
        parts += [
            struct.pack("<BHH", is_last, len(block), len(block) ^ 0xFFFF),
            block,
        ]
    parts.append(struct.pack("<II", zlib.crc32(content), len(content) % (1 << 32)))
    return b"".join(parts)


PLAIN = Dialect("plain")
PACKED = Dialect("packed", ending=".csv.gz")

DIALECTS = (
    Dialect("comma, M/D/YYYY", dates=SLASH),
    Dialect("ids in capitals behind org:", has_org_prefix=True, dates=SLASH),
    Dialect("tab", "\t", ".tsv", dates=SLASH_TIME),
    Dialect("packed, tab, D.M.YYYY", "\t", ".tsv.gz", dates=DOT),
    Dialect(
        "semicolon, decimal comma, D.M.YYYY", ";", dates=DOT, has_decimal_comma=True
    ),
    Dialect("byte order mark, CRLF", line_end="\r\n", has_bom=True, dates=SLASH),
    Dialect("line breaks in quotes", has_line_breaks=True, line_end="\r\n"),
    Dialect("everything quoted, ISO with zone", quotes_all=True, dates=ISO_ZONE),
    Dialect("headers in capitals, columns turned", headers="in capitals", turned=11),
    Dialect("snake_case headers, ISO with time", headers="snake", dates=ISO_TIME),
    Dialect("headers with spaces", headers="with spaces", turned=3, dates=SLASH_TIME),
    Dialect("unknown columns", unknown=("Notes", "Preis (EUR), netto"), dates=SLASH),
    Dialect("direct-bill layout: no ResellerMpnId", reseller="MpnId"),
    Dialect("Tier2MpnId for the reseller", reseller="Tier2MpnId", dates=SLASH),
    Dialect("Tier2MpnId and ResellerMpnId", reseller="both", line_end="\r\n"),
    Dialect(
        "blank lines, no last line end", has_blank_lines=True, has_last_line_end=False
    ),
    PACKED,
    Dialect("semicolon, decimal point", ";", dates=ISO, has_bom=True),
    Dialect("spaces around values", is_padded=True, dates=DOT),
    Dialect("amounts with the noise of floats", has_float_noise=True),
)
