"""The sender's own count of a file, which is enforced (section 3)."""

import decimal
import hashlib
import json
from decimal import Decimal
from pathlib import Path

from pipelines.second_reading import cells
from pipelines.second_reading.refusal import Refused

SUFFIX = ".control.json"


def check(
    path: Path, raw: bytes, body: list[list[str]], total_at: int | None, *, comma: bool
) -> None:
    """Refuse the file at *path* where its control file says something else."""
    beside = path.with_name(path.name + SUFFIX)
    if not beside.is_file():
        return
    said = _load(beside)
    counted = {
        "rows": len(body),
        "sha256": hashlib.sha256(raw).hexdigest(),
        "total_for_customer": _total(body, total_at, comma=comma),
    }
    for key, value in counted.items():
        if key in said and _as_counted(key, said[key]) != value:
            raise Refused(
                "control_total", f"{path.name}: {key} is {value}, not {said[key]!r}"
            )


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
        return str(value).lower()
    try:
        return cells.to_cents(Decimal(str(value)))
    except decimal.InvalidOperation:
        return None


def _total(body: list[list[str]], total_at: int | None, *, comma: bool) -> Decimal:
    """Add every total that reads, whatever else is wrong with its row, to cents."""
    total = Decimal(0)
    with decimal.localcontext(prec=200):
        for record in body:
            if total_at is not None and total_at < len(record):
                total += _readable(record[total_at], comma=comma)
        return cells.to_cents(total)


def _readable(cell: str, *, comma: bool) -> Decimal:
    try:
        return cells.number(cell, cells.MONEY_DIGITS, comma=comma)
    except cells.CellFault:
        return Decimal(0)
