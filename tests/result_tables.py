"""The results of a run as tables of text that a person can review."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Rows = dict[tuple[str, ...], dict[str, str]]

# The published columns that a table shows; the first ones are its key.
SHOWN = {
    "customer_decisions": (
        2,
        "partner_id customer_id decision failed_rules pending_rules billed_seats "
        "assigned_seats onboarded_on reward_amount",
    ),
    "partner_payouts": (
        1,
        "partner_id qualified_customers pending_customers earned_amount status "
        "hold_reasons payable_amount",
    ),
    "seat_timeline": (
        4,
        "customer_id subscription_id from_date to_date partner_id seats",
    ),
    "purchase_timeline": (
        4,
        "customer_id subscription_id from_date to_date partner_id seats",
    ),
    "rule_verdicts": (2, "partner_id customer_id verdicts"),
}
LETTERS = {"pass": "P", "fail": "F", "pending": "?"}


def table_of(folder: Path, name: str) -> list[dict[str, str]]:
    """Return a published table of the run in *folder*, every value as text.

    Rule results are one row a candidate, with a letter for each rule in its order.
    """
    if name == "rule_verdicts":
        return _verdicts(folder)
    columns = SHOWN[name][1].split()
    return [
        {column: as_text(row[column]) for column in columns}
        for row in read_rows(folder / f"{name}.parquet")
    ]


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a Parquet file."""
    return pq.ParquetFile(path).read().to_pylist()


def _verdicts(folder: Path) -> list[dict[str, str]]:
    letters: dict[tuple[str, str], str] = {}
    for row in read_rows(folder / "rule_results.parquet"):
        pair = (as_text(row["partner_id"]), row["customer_id"])
        letters[pair] = letters.get(pair, "") + LETTERS[row["verdict"]]
    return [
        {"partner_id": partner, "customer_id": customer, "verdicts": text}
        for (partner, customer), text in letters.items()
    ]


def as_text(value: object) -> str:
    """Return a value as the tables show it: nothing for null, ``;`` in a list."""
    if value is None:
        return ""
    return ";".join(value) if isinstance(value, list) else str(value)


def read_csv(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    """Write rows as CSV, one a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def differences(
    name: str, expected: Iterable[dict[str, str]], actual: Iterable[dict[str, str]]
) -> list[str]:
    """Return what differs between two tables, a line for each row or value."""
    before, after = _by_key(name, expected), _by_key(name, actual)
    found = [f"gone: {_named(before[key])}" for key in before if key not in after]
    found += [f"new: {_named(after[key])}" for key in after if key not in before]
    for key in before:
        for column, value in before[key].items():
            if key in after and after[key].get(column) != value:
                now = after[key].get(column)
                found.append(f"{'/'.join(key)}: {column} was {value!r}, is {now!r}")
    return found


def _by_key(name: str, rows: Iterable[dict[str, str]]) -> Rows:
    columns = SHOWN[name][1].split()[: SHOWN[name][0]]
    listed = list(rows)
    found = {tuple(row[column] for column in columns): row for row in listed}
    assert len(found) == len(listed), f"{name} has a key twice"
    return found


def _named(row: dict[str, str]) -> str:
    return ", ".join(f"{column} {value}" for column, value in row.items() if value)
