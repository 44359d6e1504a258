"""The rows of two runs' files that differ: all, and those of whoever changed.

Rows are compared by what they hold, not by where they stand: an invoice that came again
with one line changed differs in that line alone. Places are given, never values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipelines import engine
from pipelines.feeds import FEEDS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    import duckdb

    from pipelines.validated import ValidatedFile

# Where a row came from is no part of what it holds.
_PLACE = {"source_file", "source_row", "delivered_on", "invoice_number"}
# A late month has many rows: the first ones show what differs.
MOST_FIRST = 20
_ALONE = {
    side: f"from {mine} as mine where not exists (select 1 from {theirs} as theirs "
    "where theirs.content = mine.content and theirs.copy = mine.copy)"
    for side, mine, theirs in (
        ("a", "old_rows", "new_rows"),
        ("b", "new_rows", "old_rows"),
    )
}
_OF_IDS = "id in (select ids.id from ids)"
_KEYS = {
    "billing": "customer_id",
    "license_usage": "customer_tenant_id",
    "customers": "customer_id",
}


@dataclass
class ChangedRows:
    """Places of rows, as ``feed/delivery/file:row``, that one run alone has."""

    a: list[str] = field(default_factory=list)
    b: list[str] = field(default_factory=list)


@dataclass
class FeedRows:
    """How many rows of a feed one run alone has, and where the first ones stand."""

    count: int = 0
    first: list[str] = field(default_factory=list)


def feed_rows(
    feed: str,
    before: Sequence[ValidatedFile],
    after: Sequence[ValidatedFile],
    work: Path,
) -> dict[str, FeedRows]:
    """Return the rows of *feed* that each side alone has, whoever they name."""
    old = [file for file in before if file.file.feed == feed]
    new = [file for file in after if file.file.feed == feed]
    found = {}
    with engine.opened(work) as con:
        _load(con, "old_rows", feed, _others(old, new), "true")
        _load(con, "new_rows", feed, _others(new, old), "true")
        for side, alone in _ALONE.items():
            ((count,),) = con.execute(f"select count(*) {alone}").fetchall()
            rows = con.execute(
                f"select delivered_on, source_file, source_row {alone} "
                f"order by all limit {MOST_FIRST}"
            ).fetchall()
            places = [f"{feed}/{day}/{file}:{row}" for day, file, row in rows]
            found[side] = FeedRows(count, places)
    return found


def changed_rows(
    feeds: Collection[str],
    before: Sequence[ValidatedFile],
    after: Sequence[ValidatedFile],
    ids: Collection[str],
    work: Path,
) -> dict[str, ChangedRows]:
    """Return the rows of *feeds* that differ, by the customer or partner they name.

    *ids* are the customers and partners that are looked for.
    """
    import pyarrow as pa

    found: dict[str, ChangedRows] = {}
    with engine.opened(work) as con:
        wanted = pa.table({"id": pa.array(sorted(ids), pa.string())})
        engine.add_tables(con, {"ids": wanted})
        for feed in (name for name in FEEDS if name in feeds):
            old = [file for file in before if file.file.feed == feed]
            new = [file for file in after if file.file.feed == feed]
            _add(con, feed, _others(old, new), _others(new, old), found)
    return found


def _others(
    files: Sequence[ValidatedFile], than: Sequence[ValidatedFile]
) -> list[ValidatedFile]:
    """Return the files that the other run did not read with these very bytes."""
    known = {(file.file.place, file.file.sha256) for file in than}
    return [file for file in files if (file.file.place, file.file.sha256) not in known]


def _add(
    con: duckdb.DuckDBPyConnection,
    feed: str,
    old: Sequence[ValidatedFile],
    new: Sequence[ValidatedFile],
    found: dict[str, ChangedRows],
) -> None:
    _load(con, "old_rows", feed, old, _OF_IDS)
    _load(con, "new_rows", feed, new, _OF_IDS)
    for side, alone in _ALONE.items():
        rows = con.execute(
            f"select id, delivered_on, source_file, source_row {alone} order by all"
        ).fetchall()
        for key, delivered_on, file, row in rows:
            places = getattr(found.setdefault(key, ChangedRows()), side)
            places.append(f"{feed}/{delivered_on}/{file}:{row}")


def _load(
    con: duckdb.DuckDBPyConnection,
    table: str,
    feed: str,
    files: Sequence[ValidatedFile],
    wanted: str,
) -> None:
    """Make a table of the rows *wanted*; one that comes twice is two copies."""
    con.execute(
        f"create or replace temporary table {table} (id varchar, delivered_on date, "
        "source_file varchar, source_row bigint, content varchar, copy bigint)"
    )
    key = _KEYS.get(feed, "mpn_id")
    columns = [name for name in FEEDS[feed].columns.values() if name not in _PLACE]
    for folder, named, held in (
        ("validated", key, None),
        ("quarantine", "coalesce(customer_id, partner_id)", ["record", "reasons"]),
    ):
        paths = [getattr(file.outputs, folder) for file in files]
        if not paths:
            continue
        listed = ", ".join(engine.quoted_path(path) for path in paths)
        source = f"read_parquet([{listed}], hive_partitioning = false)"
        known = [c[0] for c in con.execute(f"describe from {source}").fetchall()]
        names = [name for name in held or columns if name in known]
        con.execute(
            f"insert into {table} select id, delivered_on, source_file, source_row, "
            "content, row_number() over (partition by content "
            "order by delivered_on, source_file, source_row) from ("
            f"select {named} as id, delivered_on, source_file, source_row, "
            f"md5(cast(row({', '.join(names)}) as varchar)) as content from {source}"
            f") as held where {wanted}"
        )
