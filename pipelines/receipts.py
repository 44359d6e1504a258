"""What was received, from where and when: one receipt for every landed file."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pipelines.errors import DataError
from pipelines.files import canonical_json, write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIX = ".json"


@dataclass(frozen=True)
class Receipt:
    """What was received, from where, and when; fingerprint: the source's own mark."""

    sha256: str
    size: int
    source: str
    received_at: str
    fingerprint: str


def now() -> str:
    """Return the moment of a receipt.

    The only clock of a run: a receipt says when, and no result depends on it.
    """
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def read_receipt(home: Path, place: str) -> Receipt | None:
    """Return the receipt of the landed file at *place*, or None if there is none.

    Raises:
        DataError: it is damaged.
    """
    path = home / "receipts" / (place + SUFFIX)
    if not path.exists():
        return None
    try:
        return Receipt(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        message = (
            f"{path} cannot be read as a receipt ({error}); nothing was published. "
            "Remove it, and run again to compare the file with its source anew."
        )
        raise DataError(message) from error


def write_receipt(home: Path, place: str, receipt: Receipt, work: Path) -> None:
    """Keep the receipt of the landed file at *place*, instead of an older one."""
    path = home / "receipts" / (place + SUFFIX)
    write_atomically(path, canonical_json(asdict(receipt)), work)


def receipts(home: Path) -> Iterator[tuple[str, Receipt]]:
    """Yield the place and the receipt of every landed file, in order."""
    folder = home / "receipts"
    for path in sorted(folder.glob(f"*/*/*{SUFFIX}")):
        place = path.relative_to(folder).as_posix().removesuffix(SUFFIX)
        receipt = read_receipt(home, place)
        if receipt:
            yield place, receipt
