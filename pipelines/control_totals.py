"""The sender's own counts of a file, compared with ours."""

from __future__ import annotations

import json
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from pipelines.careful_csv import read_dialect, read_records
from pipelines.feeds import FEEDS
from pipelines.header import map_columns
from pipelines.text_scan import UnreadableFileError

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.landing import LandedFile
    from pipelines.validation import FileFacts

TOTAL = "total_for_customer"
KEYS = {"rows", "sha256", TOTAL}
CENT = Decimal("0.01")
NUMBER = re.compile("-?[0-9]+([.][0-9]+)?")


def check_control_totals(file: LandedFile, facts: FileFacts, control: Path) -> None:
    """Compare the counts of *control* with the *facts* of its file.

    Raises:
        UnreadableFileError: a count differs, or the control file cannot be read.
    """
    for key, promised in _read(control).items():
        found, counted = _found(key, file, facts), _comparable(key, promised)
        if counted != found and not (
            key == TOTAL and counted == _exact_total(control.parent / file.name)
        ):
            message = f"its control file promises {key} {promised}, found {found}"
            raise UnreadableFileError(message)


def _found(key: str, file: LandedFile, facts: FileFacts) -> Any:
    if key == "rows":
        return facts.rows_read
    if key == "sha256":
        return file.sha256
    return Decimal(facts.total_for_customer or "0.00")


def _exact_total(landed: Path) -> Decimal:
    """Return the sum of the amounts as they stand, rounded to cents once, at the end.

    A sender may round its sum in place of its amounts: both are sums to cents.
    """
    dialect = read_dialect(landed)
    place = map_columns(FEEDS["billing"], dialect.header).positions.get(TOTAL)
    total = Decimal(0)
    for cells in read_records(landed, dialect):
        cell = cells[place].strip() if place is not None and place < len(cells) else ""
        if dialect.has_decimal_comma:
            cell = cell.replace(",", ".")
        if NUMBER.fullmatch(cell):
            total += Decimal(cell)
    return total.quantize(CENT, ROUND_HALF_UP)


def _comparable(key: str, promised: Any) -> Any:
    if key == "rows":
        # In Python true is a whole number; a count it is not.
        return promised if type(promised) is int else None
    if key == "sha256":
        return str(promised).strip().lower()
    try:
        amount = Decimal(str(promised).strip())
        return amount.quantize(CENT, ROUND_HALF_UP)
    except InvalidOperation:
        return None


def _read(control: Path) -> dict[str, Any]:
    try:
        counts = json.loads(
            control.read_bytes().decode("utf-8-sig"), parse_float=Decimal
        )
    except (ValueError, RecursionError) as error:
        message = f"its control file is not JSON ({error})"
        raise UnreadableFileError(message) from error
    if not isinstance(counts, dict):
        message = "its control file is not a JSON object"
        raise UnreadableFileError(message)
    if unknown := sorted(set(counts) - KEYS):
        message = (
            f"its control file counts {', '.join(map(repr, unknown))}, where only "
            f"{', '.join(sorted(KEYS))} are agreed"
        )
        raise UnreadableFileError(message)
    return counts
