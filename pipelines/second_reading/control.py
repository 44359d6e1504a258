"""The sender's own count of a file, which is enforced (section 3)."""

import decimal
import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.second_reading import cells
from pipelines.second_reading.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Collection

SUFFIX = ".control.json"


def check(
    path: Path, raw: bytes, body: list[list[str]], total_at: int | None, *, comma: bool
) -> None:
    """Refuse the file at *path* where its control file says something else."""
    beside = path.with_name(path.name + SUFFIX)
    if not _is_there(beside):
        return
    said = _load(beside)
    counted: dict[str, Collection[object]] = {
        "rows": [len(body)],
        "sha256": [hashlib.sha256(raw).hexdigest()],
        "total_for_customer": _totals(body, total_at, comma=comma),
    }
    for key, values in counted.items():
        if key in said and _as_counted(key, said[key]) not in values:
            found = " or ".join(sorted(map(str, values)))
            raise Refused(
                "control_total", f"{path.name}: {key} is {found}, not {said[key]!r}"
            )


def _is_there(beside: Path) -> bool:
    try:
        return beside.is_file()
    except OSError:
        # With the ending, the name would be longer than any file's can be.
        return False


def _load(beside: Path) -> dict[str, object]:
    try:
        said = json.loads(beside.read_bytes(), parse_float=Decimal)
    except ValueError as error:
        raise Refused("control_total", f"{beside.name}: {error}") from error
    if not isinstance(said, dict):
        raise Refused("control_total", f"{beside.name}: is not an object")
    return said


def _as_counted(key: str, value: object) -> object:
    """Return what the sender said in the form it is counted in, or None."""
    if key == "rows":
        return value if type(value) is int else None
    if key == "sha256":
        return str(value).strip().lower()
    try:
        return cells.to_cents(Decimal(str(value)))
    except decimal.InvalidOperation:
        return None


def _totals(
    body: list[list[str]], total_at: int | None, *, comma: bool
) -> set[Decimal]:
    """Add every total that reads, whatever else is wrong with its row, to cents.

    A sender may round each amount, or their sum: both are sums to cents.
    """
    exact = rounded = Decimal(0)
    with decimal.localcontext(prec=200):
        for record in body:
            if total_at is not None and total_at < len(record):
                amount = _readable(record[total_at], comma=comma)
                exact += amount
                rounded += cells.to_cents(amount)
        return {cells.to_cents(exact), cells.to_cents(rounded)}


def _readable(cell: str, *, comma: bool) -> Decimal:
    try:
        return cells.number(cell, cells.MONEY_DIGITS, comma=comma)
    except cells.CellFault:
        return Decimal(0)
