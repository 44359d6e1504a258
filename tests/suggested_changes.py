"""Suggested changes as a sender would deliver them: in the files of a source."""

from __future__ import annotations

import csv
import gzip
import io
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from pipelines.careful_csv import read_dialect, read_records
from pipelines.deliveries import CONTROL_SUFFIX
from pipelines.feeds import FEEDS, header_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Change = dict[str, Any]


def deliver(
    changes: Iterable[Change], source: Path, home: Path, inputs: Iterable[Any]
) -> None:
    """Put *changes* into the extracts under *source*, of which a run made *inputs*."""
    files = list(inputs)
    gone: dict[tuple[str, str, str], set[int]] = {}
    for number, change in enumerate(changes):
        if change["action"] == "correct":
            for place in change["rows"]:
                name, _, row = place.rpartition(":")
                feed, day, file = name.split("/", 2)
                gone.setdefault((feed, day, file), set()).add(int(row))
            continue
        record = dict(change["values"])
        if change["action"] == "set":
            record = _in_force(change, home, files) | change["key"] | record
        _add(source / change["feed"] / change["delivery"], change, record, number)
    for place, rows in gone.items():
        _withdraw(source.joinpath(*place), rows)


def _add(folder: Path, change: Change, record: Mapping[str, str], number: int) -> None:
    """Drop one more file, which comes after the others of its delivery."""
    folder.mkdir(parents=True, exist_ok=True)
    last = max((path.name for path in folder.iterdir()), default="suggested")
    name = f"{last}.{number}.csv"
    if change["feed"] == "billing":
        name = f"SUGGESTED{number}.csv"  # an invoice of its own
    with (folder / name).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, FEEDS[change["feed"]].headers)
        writer.writeheader()
        writer.writerow(record)


def _in_force(change: Change, home: Path, inputs: list[Any]) -> dict[str, str]:
    """Return the record of a key that counts now, with the values of earlier changes.

    Later changes of one key build on earlier ones, which lie in the source already.
    """
    columns = FEEDS[change["feed"]].columns
    ((header, wanted),) = change["key"].items()
    key = columns[header_key(header)]
    found: dict[str, Any] = {}
    for item in sorted(inputs, key=lambda item: item["file"]):
        if item["feed"] == change["feed"]:
            place = f"delivery={item['delivery']}/{item['file']}.parquet"
            path = home / "validated" / change["feed"] / place
            for row in pq.ParquetFile(path).read().to_pylist():
                if row[key] == wanted:
                    found = row
    headers = FEEDS[change["feed"]].headers
    typed = {name: found.get(columns[header_key(name)]) for name in headers}
    record = {name: "" if cell is None else str(cell) for name, cell in typed.items()}
    earlier = _MEMORY.setdefault((str(home), change["feed"], wanted), {})
    earlier.update(change["values"])
    return record | earlier


# What was set before, by home, feed and key.
_MEMORY: dict[tuple[str, str, str], dict[str, str]] = {}


def _withdraw(path: Path, rows: set[int]) -> None:
    """Write a file again without some of its records, and without its control."""
    dialect = read_dialect(path)
    kept = [
        cells
        for number, cells in enumerate(read_records(path, dialect), start=1)
        if number not in rows
    ]
    text = io.StringIO()
    csv.writer(text, delimiter=dialect.delimiter).writerows([dialect.header, *kept])
    content = text.getvalue().encode()
    is_packed = path.name.lower().endswith(".gz")
    path.write_bytes(gzip.compress(content) if is_packed else content)
    for beside in path.parent.iterdir():
        if beside.name.lower() == f"{path.name}{CONTROL_SUFFIX}".lower():
            beside.unlink()
