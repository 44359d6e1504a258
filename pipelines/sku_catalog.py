"""Read the catalogue of offers that a campaign names."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.campaign_file import shown
from pipelines.errors import CampaignError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS = (
    "durable_offer_id",
    "offer_name",
    "family",
    "unit_type",
    "is_trial",
    "is_purchase",
    "counts_as_seat",
    "why_not",
)
NEVER_BLANK = ("offer_name", "family")
FLAGS = ("is_trial", "is_purchase", "counts_as_seat")
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Offer:
    """One offer of the price list."""

    durable_offer_id: str
    offer_name: str
    family: str
    is_purchase: bool
    counts_as_seat: bool

    @property
    def is_light_use(self) -> bool:
        """Whether it is a licence for light use, which the price list names so."""
        return self.is_purchase and "team member" in self.offer_name.lower()


@dataclass(frozen=True)
class SkuCatalog:
    """The offers of a catalogue, and the digest of its bytes."""

    path: Path
    offers: tuple[Offer, ...]
    sha256: str


def read_sku_catalog(path: Path) -> SkuCatalog:
    """Return the catalogue at *path*, every row of it checked.

    Raises:
        OSError: The file cannot be opened.
        ValueError: No file can have such a name.
        CampaignError: What the file holds is not a catalogue.
    """
    content = path.read_bytes()
    path = path.resolve()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refusal(path, "is not UTF-8 text", "save it as CSV in UTF-8") from error
    offers = tuple(_offers(path, text))
    if not offers:
        raise _refusal(path, "holds no offer", "give a row for every offer")
    return SkuCatalog(path, offers, hashlib.sha256(content).hexdigest())


def _refusal(path: Path, wrong: str, remedy: str) -> CampaignError:
    return CampaignError(
        f"SKU catalogue {path}: {wrong}; no run was started: {remedy}."
    )


def _offers(path: Path, text: str) -> Iterator[Offer]:
    rows_of_ids: dict[str, int] = {}
    for row, record in enumerate(_records(path, text), start=1):
        fault = _fault(record)
        if fault:
            raise _refusal(path, f"row {row}, {fault}", "correct the row")
        offer = _offer(record)
        first = rows_of_ids.setdefault(offer.durable_offer_id, row)
        if first != row:
            wrong = f"rows {first} and {row} have one durable_offer_id"
            raise _refusal(path, wrong, "keep one row for each offer")
        yield offer


def _records(path: Path, text: str) -> Iterator[dict[str, str]]:
    """Yield each row by column name."""
    rows = _rows(path, text)
    header = [name.strip() for name in next(rows, [])]
    if sorted(header) != sorted(COLUMNS):
        raise _refusal(
            path,
            f"its columns are {shown(', '.join(header))}",
            f"give it the columns {', '.join(COLUMNS)}",
        )
    for number, cells in enumerate(rows, start=1):
        if len(cells) != len(header):
            wrong = f"row {number} has {len(cells)} fields, not {len(header)}"
            raise _refusal(path, wrong, "correct the row")
        yield dict(zip(header, (cell.strip() for cell in cells), strict=True))


def _rows(path: Path, text: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        yield from (cells for cells in reader if "".join(cells).strip())
    except csv.Error as error:
        wrong = f"line {reader.line_num} is not CSV ({error})"
        raise _refusal(path, wrong, "correct the line") from error


def _fault(record: dict[str, str]) -> str | None:
    """Return what is wrong with *record*; None if nothing is."""
    if not GUID.fullmatch(record["durable_offer_id"].lower()):
        return f"durable_offer_id: {shown(record['durable_offer_id'])} is no GUID"
    for column in NEVER_BLANK:
        if not record[column]:
            return f"{column}: is blank"
    for column in FLAGS:
        if record[column].lower() not in ("true", "false"):
            return f"{column}: {shown(record[column])} is not true or false"
    return None


def _offer(record: dict[str, str]) -> Offer:
    return Offer(
        durable_offer_id=record["durable_offer_id"].lower(),
        offer_name=record["offer_name"],
        family=record["family"].lower(),
        is_purchase=record["is_purchase"].lower() == "true",
        counts_as_seat=record["counts_as_seat"].lower() == "true",
    )
