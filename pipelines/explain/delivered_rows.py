"""The records behind an answer, as they were delivered: header by header."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.careful_csv import read_dialect, read_records
from pipelines.errors import DifferenceError
from pipelines.feeds import FEEDS, header_key
from pipelines.files import sha256_of_file
from pipelines.record_keys import record_keys

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from pipelines.recorded import RecordedRun

# What a person reads, and what a file of some size gives up in a few seconds.
MOST_ROWS = 500


@dataclass(frozen=True, order=True)
class Place:
    """Where a record was delivered; rows count from 1 after the header."""

    feed: str
    delivery: str
    file: str
    row: int

    def __str__(self) -> str:
        """Return the place as evidence names it."""
        return f"{self.feed}/{self.delivery}/{self.file}:{self.row}"


@dataclass(frozen=True)
class DeliveredRow:
    """One record as it was delivered: its place, and its cells by header."""

    place: Place
    record: dict[str, str]

    def as_dict(self) -> dict[str, Any]:
        """Return the record as JSON has it."""
        return {
            "feed": self.place.feed,
            "delivery": self.place.delivery,
            "file": self.place.file,
            "row": self.place.row,
            "record": self.record,
        }

    def cell(self, header: str) -> str:
        """Return the cell of a header in any spelling; blank if there is none."""
        key = header_key(header)
        found = (text for name, text in self.record.items() if header_key(name) == key)
        return next(found, "").strip()


def places_in(run: RecordedRun, evidence: Iterable[str]) -> set[Place]:
    """Return the places that evidence names, of the files that the run read."""
    known = {
        f"{item['feed']}/{item['delivery']}/{item['file']}": item
        for item in run.manifest["inputs"]
    }
    found = set()
    for reference in {part for text in evidence for part in text.split("; ")}:
        name, _, row = reference.rpartition(":")
        if name in known and row.isdigit():
            item = known[name]
            place = Place(item["feed"], item["delivery"], item["file"], int(row))
            found.add(place)
    return found


def delivered_rows(run: RecordedRun, places: Collection[Place]) -> list[DeliveredRow]:
    """Return the records at *places*, in their order, at most ``MOST_ROWS``.

    Rows of bank accounts stay where they are.

    Raises:
        DifferenceError: a file is gone, or has other bytes than were received.
    """
    by_file: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for place in sorted(places)[:MOST_ROWS]:
        if not FEEDS[place.feed].is_secret:
            by_file[place.feed, place.delivery, place.file].add(place.row)
    digests = {
        (item["feed"], item["delivery"], item["file"]): item["sha256"]
        for item in run.manifest["inputs"]
    }
    found = []
    for name, rows in sorted(by_file.items()):
        path = run.home.joinpath("landing", *name)
        _refuse_changed(path, digests[name])
        found += [
            DeliveredRow(Place(*name, row), record)
            for row, record in _records_at(path, rows)
        ]
    return found


def _refuse_changed(path: Path, sha256: str) -> None:
    if not path.is_file() or sha256_of_file(path) != sha256:
        message = (
            f"{path} is not there as it was received, so its rows cannot be shown. "
            "Look at the whole run with `cashback verify`."
        )
        raise DifferenceError(message)


def _records_at(path: Path, rows: set[int]) -> Iterator[tuple[int, dict[str, str]]]:
    dialect, last = read_dialect(path), max(rows)
    for number, cells in enumerate(read_records(path, dialect), start=1):
        if number in rows:
            yield number, _record(dialect.header, cells)
        if number >= last:
            return


def _record(header: tuple[str, ...], cells: list[str]) -> dict[str, str]:
    names = record_keys(header)
    extra = [f"extra_{at}" for at in range(1, len(cells) - len(names) + 1)]
    return dict(zip([*names, *extra], cells, strict=False))


def rows_naming(path: Path, customer_id: str) -> list[int]:
    """Return the rows of a landed billing file that name a customer in any spelling."""
    dialect = read_dialect(path)
    keys = [header_key(name) for name in dialect.header]
    if "customerid" not in keys:
        return []
    at = keys.index("customerid")
    return [
        number
        for number, cells in enumerate(read_records(path, dialect), start=1)
        if at < len(cells) and plain_guid(cells[at]) == customer_id
    ]


def plain_guid(text: str) -> str:
    """Return a GUID as the product knows it: lower case, ``org:`` dropped.

    >>> plain_guid(" ORG:AAAAAAAA-0000-0000-0000-000000000001 ")
    'aaaaaaaa-0000-0000-0000-000000000001'
    """
    return text.strip().lower().removeprefix("org:")
