"""The facts of several parts as one: each has numbered its subscriptions by itself.

A number means a subscription within its part alone. Over all parts they are numbered
once more, as one part of all their files would number them.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from pipelines import engine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb

_KEYS, _KEYED = "facts/subscription_keys", "facts/dynamics_rows"
_PAIR = "customer_id, syndication_partner_subscription_number"
_NUMBERED = f"""
(
    select row_number() over (order by {_PAIR}) as subscription_key, {_PAIR}
    from (select distinct {_PAIR} {{keys}})
)
"""
# What a part's own number of a subscription is over all parts.
_RENUMBERED = f"""
(
    select own.subscription_key as own_key, united.subscription_key
    from ({{keys}}) as own
    inner join subscription_keys as united using ({_PAIR})
)
"""
_ROWS = """
select numbers.subscription_key, own.* exclude (subscription_key)
from ({rows}) as own
inner join ({numbers}) as numbers on own.subscription_key = numbers.own_key
"""


def unite(
    con: duckdb.DuckDBPyConnection, paths: Mapping[str, Sequence[Path]], work: Path
) -> None:
    """Make facts of all parts views: what reads one reads the files that it is in.

    Each fact comes with its file in every part, the parts in one order.
    """
    rows = {fact: engine.rows_of(files) for fact, files in paths.items()}
    keys = paths.get(_KEYS, ())
    if len(keys) > 1:
        rows[_KEYS] = _written(con, _NUMBERED.format(keys=rows[_KEYS]), work)
        _view(con, _KEYS, rows[_KEYS])
        each = zip(keys, paths[_KEYED], strict=True)
        rows[_KEYED] = " union all ".join(_rows(con, *part, work) for part in each)
    for fact, found in rows.items():
        _view(con, fact, found)


def _rows(
    con: duckdb.DuckDBPyConnection, own_keys: Path, own_rows: Path, work: Path
) -> str:
    """Return the SQL of a part's rows, by the numbers that hold over all parts."""
    renumbered = _RENUMBERED.format(keys=engine.rows_of([own_keys]))
    numbers = _written(con, renumbered, work)
    return _ROWS.format(rows=engine.rows_of([own_rows]), numbers=numbers)


def _written(con: duckdb.DuckDBPyConnection, query: str, work: Path) -> str:
    """Write rows to a file; return the SQL that reads them.

    Views are of files alone, so that the process that judges can have them, too.
    """
    path = work / uuid.uuid4().hex
    engine.write_parquet(con, query, path)
    return engine.rows_of([path])


def _view(con: duckdb.DuckDBPyConnection, fact: str, rows: str) -> None:
    name = fact.rpartition("/")[2]
    con.execute(f"create or replace temporary view {name} as {rows}")
