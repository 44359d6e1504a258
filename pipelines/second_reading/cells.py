"""What one trimmed, non-blank cell says: dates, numbers, ids, enums (section 3)."""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

CENT = Decimal("0.01")
# Cells repeat from row to row: what they say is worked out once, and kept once.
REMEMBERED_CELLS = 1 << 17
LARGEST_WHOLE = 2_147_483_647
MONEY_DIGITS = 16
PRICE_DIGITS = 12

HEX = "[0-9a-f]"
GUID = re.compile(f"{HEX}{{8}}-{HEX}{{4}}-{HEX}{{4}}-{HEX}{{4}}-{HEX}{{12}}")

HOUR, SIXTY = r"(?:[01]?[0-9]|2[0-3])", r"[0-5][0-9]"
ISO_HOUR = r"(?:[01][0-9]|2[0-3])"
ZONE = rf"(?:Z|[+-]{ISO_HOUR}(?::?{SIXTY})?)"
ISO_TIME = rf"[T ]{ISO_HOUR}(?::{SIXTY}(?::{SIXTY}(?:[.,][0-9]+)?)?)?{ZONE}?"
PLAIN_TIME = rf" {HOUR}:{SIXTY}(?::{SIXTY})?"
D, M, Y = r"(?P<d>[0-9]{1,2})", r"(?P<m>[0-9]{1,2})", r"(?P<y>[0-9]{4})"
DATE_STYLES = {
    "slash": re.compile(rf"{M}/{D}/{Y}(?:{PLAIN_TIME})?"),
    "dot": re.compile(rf"{D}\.{M}\.{Y}(?:{PLAIN_TIME})?"),
    "iso": re.compile(
        rf"{Y}-(?P<m>[0-9]{{2}})-(?P<d>[0-9]{{2}})(?:{ISO_TIME})?",
    ),
}

ENUMS = {
    "level": ("gold", "silver"),
    "competency_status": ("started", "qualified", "active", "at risk"),
    "proof_status": ("accepted", "rejected", "pending"),
    "flag": ("0", "1"),
}


class CellFault(Exception):  # noqa: N818 - named for what it reports
    """A cell that does not read as its type; the code is a reason of quarantine."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@lru_cache(REMEMBERED_CELLS)
def read(kind: str, cell: str, *, comma: bool) -> object:
    """Read *cell* as *kind*; *comma* tells that a decimal comma may be used."""
    if kind == "guid":
        return guid(cell)
    if kind == "date":
        return day(cell)[0]
    if kind == "whole":
        return whole(cell, comma=comma)
    if kind in ("money", "price"):
        digits = MONEY_DIGITS if kind == "money" else PRICE_DIGITS
        return number(cell, digits, comma=comma)
    if kind in ENUMS:
        return member(cell, ENUMS[kind])
    return cell


def guid(cell: str) -> str:
    """Return the id in lower case, without ``org:`` in front.

    >>> guid("ORG:AAAAAAAA-0000-0000-0000-00000000000B")
    'aaaaaaaa-0000-0000-0000-00000000000b'
    """
    found = cell.lower().removeprefix("org:")
    if not GUID.fullmatch(found):
        raise CellFault("bad_guid")
    return found


@lru_cache(REMEMBERED_CELLS)
def day(cell: str) -> tuple[date, str]:
    """Return the date and the style that it is written in.

    >>> day("3/31/2019 0:00")
    (datetime.date(2019, 3, 31), 'slash')
    """
    for style, pattern in DATE_STYLES.items():
        match = pattern.fullmatch(cell)
        if match:
            year, month, of_month = (int(match[part]) for part in "ymd")
            try:
                return date(year, month, of_month), style
            except ValueError:
                break
    raise CellFault("bad_date")


def number(cell: str, digits: int, *, comma: bool) -> Decimal:
    """Read ``-?digits[.digits]``, exactly, with *digits* before the point at most."""
    point = "[.,]" if comma else "[.]"
    match = re.fullmatch(rf"-?([0-9]+)(?:{point}[0-9]+)?", cell)
    if not match or len(match[1].lstrip("0")) > digits:
        raise CellFault("bad_number")
    return Decimal(cell.replace(",", "."))


def whole(cell: str, *, comma: bool) -> int:
    """Read a count: ``5.0`` is whole, a fraction is not, and below 0 is a fault."""
    value = number(cell, len(cell), comma=comma)
    if value != int(value):
        raise CellFault("bad_number")
    if value < 0:
        raise CellFault("negative_quantity")
    if value > LARGEST_WHOLE:
        raise CellFault("bad_number")
    return int(value)


def member(cell: str, allowed: tuple[str, ...]) -> str:
    """Return the enum's member in lower case."""
    if cell.lower() not in allowed:
        raise CellFault("bad_enum")
    return cell.lower()


def to_cents(value: Decimal) -> Decimal:
    """Round to cents, half away from zero.

    >>> to_cents(Decimal("17.219999999999999")), to_cents(Decimal("-0.005"))
    (Decimal('17.22'), Decimal('-0.01'))
    """
    return value.quantize(CENT, rounding=ROUND_HALF_UP)
