"""The validated files, the terms and the dates as tables that the models read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines import engine
from pipelines.campaign import campaign_tables
from pipelines.feeds import FEEDS
from pipelines.typed_rows import WORKING_COLUMNS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb
    import pyarrow as pa

    from pipelines.campaign import Campaign
    from pipelines.validated import ValidatedFile


@dataclass(frozen=True)
class RunDates:
    """The dates of a run; ``measured_on`` is the day that seats are counted on."""

    as_of: dt.date
    known_at: dt.date
    measured_on: dt.date
    is_final: bool


def run_dates(campaign: Campaign, as_of: dt.date, known_at: dt.date) -> RunDates:
    """Return the dates of a run; it is final when nothing can be cured by time."""
    return RunDates(
        as_of,
        known_at,
        min(as_of, campaign.last_day),
        as_of >= campaign.last_day and known_at >= campaign.cut_off_on,
    )


def add_inputs(
    con: duckdb.DuckDBPyConnection,
    campaign: Campaign,
    dates: RunDates,
    files: Sequence[ValidatedFile],
) -> None:
    """Make every table that the models read and do not build."""
    engine.add_tables(con, campaign_tables(campaign))
    engine.add_tables(con, {"run_dates": _dates_table(dates)})
    engine.add_tables(con, {"deliveries": _deliveries_table(files)})
    for feed in FEEDS:
        paths = [file.outputs.validated for file in files if file.file.feed == feed]
        if paths:
            add_view(con, feed, paths)
        else:
            _add_empty(con, feed)
    for feed in FEEDS:
        paths = [file.outputs.quarantine for file in files if file.file.feed == feed]
        _add_quarantine(con, feed, paths)


def add_view(con: duckdb.DuckDBPyConnection, name: str, paths: Sequence[Path]) -> None:
    """Make a view of the rows of some Parquet files."""
    con.execute(f"create or replace temporary view {name} as {engine.rows_of(paths)}")


def _add_quarantine(
    con: duckdb.DuckDBPyConnection, feed: str, paths: Sequence[Path]
) -> None:
    name = f"quarantine_{feed}"
    if paths:
        add_view(con, name, paths)
        return
    con.execute(
        f"create or replace temporary view {name} as select "
        "cast(null as varchar) as source_file, cast(null as bigint) as source_row, "
        "cast(null as date) as delivered_on, cast(null as varchar) as customer_id, "
        "cast(null as varchar) as partner_id, cast(null as date) as snapshot_date, "
        "cast(null as varchar[]) as reasons, cast(null as varchar) as record "
        "where false"
    )


def _add_empty(con: duckdb.DuckDBPyConnection, feed: str) -> None:
    """Make an empty table of a feed without deliveries, typed as its rows are."""
    texts = ", ".join(
        f"cast(null as varchar) as {column}_text"
        for column in FEEDS[feed].columns.values()
    )
    con.execute(
        "create or replace temporary view raw_records as select "
        "cast(null as bigint) as source_row, false as is_ragged, "
        f"false as has_decimal_comma, {texts}, cast(null as varchar) as record "
        "where false"
    )
    con.execute(
        "create or replace temporary view account_problems as select "
        "cast(null as bigint) as source_row, cast(null as varchar) as account_problem"
    )
    con.execute(
        f"create or replace temporary table {feed} as "
        f"select * exclude ({', '.join(WORKING_COLUMNS)}), "
        "cast(null as varchar) as source_file, cast(null as date) as delivered_on, "
        "cast(null as varchar) as invoice_number "
        f"from (\n{engine.read_sql(f'staging/{feed}')}\n)"
    )


def _dates_table(dates: RunDates) -> pa.Table:
    import pyarrow as pa

    return pa.table(
        {
            "as_of": pa.array([dates.as_of], pa.date32()),
            "known_at": pa.array([dates.known_at], pa.date32()),
            "measured_on": pa.array([dates.measured_on], pa.date32()),
            "is_final": pa.array([dates.is_final], pa.bool_()),
        }
    )


def _deliveries_table(files: Sequence[ValidatedFile]) -> pa.Table:
    import pyarrow as pa

    known = sorted({(file.file.feed, file.file.delivered_on) for file in files})
    return pa.table(
        {
            "feed": pa.array([feed for feed, _ in known], pa.string()),
            "delivered_on": pa.array([day for _, day in known], pa.date32()),
        }
    )
