"""One change of the extracts that was never delivered, made in memory alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from pipelines.feeds import FEEDS, header_key

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import duckdb

SUGGESTED = "suggested"
# Compared in lower case by the rules, and kept so in validated/.
_KEPT_LOWER = {("competencies", "level"), ("competencies", "status")}
_KEPT_LOWER |= {("proofs", "status")}


@dataclass(frozen=True)
class Change:
    """What the extracts would have to hold; columns go by their headers.

    add: one more record. set: other values in the record of a key, which is added if
    it is not there. correct: rows in quarantine that are delivered again, sound, and
    take no seats away.
    """

    feed: str
    action: Literal["add", "set", "correct"]
    # The delivery that holds it, in which the record would count.
    delivered_on: dt.date
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    key: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    # Of a correction: file and row of each faulty record.
    rows: tuple[tuple[str, int], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the change as JSON has it."""
        place = f"{self.feed}/{self.delivered_on}"
        return {
            "feed": self.feed,
            "action": self.action,
            "delivery": str(self.delivered_on),
            "key": dict(self.key),
            "values": dict(self.values),
            "rows": [f"{place}/{name}:{row}" for name, row in self.rows],
        }


def apply(con: duckdb.DuckDBPyConnection, change: Change, number: int) -> None:
    """Make a change in the tables of the feeds; *number* tells the rows apart."""
    if change.action == "correct":
        con.executemany(
            f"delete from quarantine_{change.feed} "
            "where delivered_on = ? and source_file = ? and source_row = ?",
            [[change.delivered_on, name, row] for name, row in change.rows],
        )
        return
    if change.action == "set" and _set(con, change):
        return
    row = _columns(change.feed, change.key) | _columns(change.feed, change.values)
    row |= {
        "source_file": SUGGESTED,
        "source_row": number,
        "delivered_on": change.delivered_on,
        "invoice_number": SUGGESTED,
    }
    if change.feed not in {"billing", "license_usage"}:
        row.pop("invoice_number")
    marks = ", ".join("?" for _ in row)
    con.execute(
        f"insert into {change.feed} ({', '.join(row)}) values ({marks})",
        list(row.values()),
    )
    con.execute(
        "insert into deliveries "
        "select ?, ? where ? not in (select feed from deliveries)",
        [change.feed, change.delivered_on, change.feed],
    )


def _set(con: duckdb.DuckDBPyConnection, change: Change) -> bool:
    """Put the values in every record of the key; False if there is none."""
    key, values = (_columns(change.feed, part) for part in (change.key, change.values))
    where = " and ".join(f"{column} = ?" for column in key)
    ((known,),) = con.execute(
        f"select count(*) from {change.feed} where {where}", list(key.values())
    ).fetchall()
    if known and values:
        put = ", ".join(f"{column} = ?" for column in values)
        con.execute(
            f"update {change.feed} set {put} where {where}",
            [*values.values(), *key.values()],
        )
    return bool(known)


def _columns(feed: str, cells: Mapping[str, str]) -> dict[str, Any]:
    """Return typed columns for headers; a blank cell is null."""
    columns = FEEDS[feed].columns
    found = {}
    for header, cell in cells.items():
        column = columns[header_key(header)]
        text = cell.lower() if (feed, column) in _KEPT_LOWER else cell
        found[column] = text or None
    return found
