"""The many ways in which one table may be written as a file (section 3)."""

import gzip
import random
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .values import RAGGED, Cell, Guid, Raw, Record, chance, pick

PADS = (" ", "  ", "\u00a0", "\u2003", "\x0b")
STRANGE_COLUMNS = (
    "Notes",
    "Preis (EUR), netto",
    "x;y",
    "Customer Id 2",
    "Mpn-Id",
    "",
    "Quantité",
)
ISO_TIMES = (
    "T00:00:00Z",
    " 00:00:00",
    "T23:59:59.9999999+01:00",
    "T07",
    " 12:30",
    "T12:30:59,5Z",
    "T23:59:59,25-0330",
    "T00:00+14",
)
PLAIN_TIMES = (" 0:00", " 23:59:59", " 00:00:00", " 9:05")


@dataclass(frozen=True)
class Dialect:
    """How one file is written; ``untidy`` is the share of cells given odd looks."""

    delimiter: str = ","
    ending: str = ".csv"
    dates: str = "slash"
    line_end: str = "\n"
    bom: bool = False
    untidy: float = 0.0
    quote_all: bool = False
    blank_lines: float = 0.0
    last_line_end: bool = True

    @property
    def is_gzip(self) -> bool:
        """Tell whether the bytes are compressed."""
        return self.ending.lower().endswith(".gz")


def random_dialect(rng: random.Random) -> Dialect:
    """Return any of the dialects that the contract allows."""
    delimiter = pick(rng, {",": 3, ";": 2, "\t": 1})
    ending = ".tsv" if delimiter == "\t" else ".csv"
    ending += pick(rng, {"": 3, ".gz": 1})
    return Dialect(
        delimiter=delimiter,
        ending=pick(rng, {ending: 6, ending.upper(): 1}),
        dates=pick(rng, {"slash": 2, "dot": 1, "iso": 2}),
        line_end=pick(rng, {"\n": 1, "\r\n": 1}),
        bom=chance(rng, 0.3),
        untidy=pick(rng, {0.0: 1, 0.1: 2, 0.4: 1}),
        quote_all=chance(rng, 0.2),
        blank_lines=pick(rng, {0.0: 2, 0.2: 1}),
        last_line_end=chance(rng, 0.8),
    )


@dataclass(frozen=True)
class Page:
    """A table as it is to be written: cells as text, and the columns' true names."""

    columns: list[str]
    titles: list[str]
    rows: list[list[str]]
    dialect: Dialect


def lay_out(
    rng: random.Random, columns: list[str], records: list[Record], dialect: Dialect
) -> Page:
    """Write each cell as text, in any order of columns, with a few unknown ones."""
    order = list(columns)
    if chance(rng, 0.5):
        rng.shuffle(order)
    unknown = rng.sample(STRANGE_COLUMNS, pick(rng, {0: 3, 1: 2, 2: 1}))
    for title in unknown:
        order.insert(rng.randrange(len(order) + 1), title)
    titles = [
        title if title in unknown else _as_title(rng, title, dialect.untidy)
        for title in order
    ]
    rows = [_as_row(rng, order, record, dialect) for record in records]
    return Page(order, titles, rows, dialect)


def _as_title(rng: random.Random, column: str, untidy: float) -> str:
    if not chance(rng, untidy):
        return column
    spaced = "".join(f" {c}" if c.isupper() else c for c in column).strip()
    looks = (column.lower(), column.upper(), spaced, spaced.replace(" ", "_"))
    return rng.choice((*looks, f"_{column} ", spaced.lower()))


def _as_row(
    rng: random.Random, order: list[str], record: Record, dialect: Dialect
) -> list[str]:
    row = []
    for column in order:
        cell = as_text(rng, record.get(column), dialect)
        if chance(rng, dialect.untidy / 4):
            cell = rng.choice(PADS) + cell + rng.choice(PADS)
        row.append(cell)
    extra = int(record.get(RAGGED) or 0)
    return row[:extra] if extra < 0 else row + ["surplus"] * extra


def as_text(rng: random.Random, value: Cell, dialect: Dialect) -> str:
    """Return *value* in one of the ways that the dialect allows."""
    if value is None:
        return ""
    if isinstance(value, Guid):
        return _as_guid(rng, value, dialect.untidy)
    if isinstance(value, Raw | str):
        return str(value)
    if isinstance(value, date):
        return as_date(rng, value, dialect)
    return _as_number(rng, value, dialect)


def _as_guid(rng: random.Random, value: Guid, untidy: float) -> str:
    if not chance(rng, untidy):
        return str(value)
    prefix = rng.choice(("", "", "org:", "ORG:", "Org:"))
    return prefix + rng.choice((value.upper(), str(value)))


def as_date(rng: random.Random, value: date, dialect: Dialect) -> str:
    """Return a date in the file's style, some with a time, some with zeros."""
    with_time = chance(rng, dialect.untidy)
    if dialect.dates == "iso":
        return value.isoformat() + (rng.choice(ISO_TIMES) if with_time else "")
    month, day = str(value.month), str(value.day)
    if chance(rng, dialect.untidy):
        month, day = month.zfill(2), day.zfill(2)
    time = rng.choice(PLAIN_TIMES) if with_time else ""
    if dialect.dates == "dot":
        return f"{day}.{month}.{value.year:04}{time}"
    return f"{month}/{day}/{value.year:04}{time}"


def _as_number(rng: random.Random, value: int | Decimal, dialect: Dialect) -> str:
    text = str(value)
    if isinstance(value, int) and chance(rng, dialect.untidy):
        text = rng.choice(("", "00", "-" if value == 0 else "")) + text
        text += rng.choice(("", ".0", ".00"))
    if isinstance(value, Decimal) and chance(rng, dialect.untidy):
        text = f"{value + _float_noise(rng):f}"
    if dialect.delimiter == ";" and chance(rng, 0.5):
        text = text.replace(".", ",")
    return text


def _float_noise(rng: random.Random) -> Decimal:
    """Return the kind of error that a float leaves in an exported amount."""
    return rng.choice((Decimal("-1e-15"), Decimal("1e-15"), Decimal("3e-14")))


def to_bytes(rng: random.Random, page: Page) -> bytes:
    """Write the page as the bytes of a file."""
    text = "\ufeff" if page.dialect.bom else ""
    lines = [_as_line(rng, cells, page.dialect) for cells in [page.titles, *page.rows]]
    for at, line in enumerate(lines):
        if chance(rng, page.dialect.blank_lines):
            text += rng.choice(("", "   ", " ")) + page.dialect.line_end
        text += line
        if page.dialect.last_line_end or at < len(lines) - 1:
            text += page.dialect.line_end
    raw = text.encode()
    return gzip.compress(raw, mtime=0) if page.dialect.is_gzip else raw


def _as_line(rng: random.Random, cells: list[str], dialect: Dialect) -> str:
    return dialect.delimiter.join(_quoted(rng, cell, dialect) for cell in cells)


def _quoted(rng: random.Random, cell: str, dialect: Dialect) -> str:
    must = cell.startswith('"') or any(
        mark in cell for mark in (dialect.delimiter, "\r", "\n")
    )
    if must or dialect.quote_all or chance(rng, dialect.untidy / 3):
        return '"' + cell.replace('"', '""') + '"'
    return cell
