"""What runs the cases of ``tests/sql/``: the real files on tiny tables.

No type is declared here. The pipeline makes its tables out of nothing, so that each
has the columns and types that it will have; every value is the text of the case.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import asdict
from pathlib import Path

import yaml

from pipelines.campaign import load_campaign
from pipelines.decide import build_facts, build_models
from pipelines.feeds import FEEDS, snake_case
from pipelines.inputs import add_inputs, run_dates
from pipelines.paths import AUDITS_DIR, SQL_DIR
from pipelines.progress import Progress
from pipelines.quality_tables import build_quality_tables

CASES_DIR = Path(__file__).parent / "sql"
SQL_FILES = {
    path.stem: path for path in (*SQL_DIR.rglob("*.sql"), *AUDITS_DIR.glob("*.sql"))
}
CAMPAIGN = load_campaign("d365-smb-2019")
FINAL = {"as_of": "2019-06-30", "known_at": "2019-08-15"}
FACTS_OF_A_ROW = ("source_row", "is_ragged", "has_decimal_comma", "record")
# What a function is given besides text.
PARAMETER_TYPES = {
    "has_decimal_comma": "boolean",
    "date_read": "date",
    "delivered_on": "date",
    "source_row": "bigint",
    "texts": "varchar[]",
}


class CaseLoader(yaml.SafeLoader):
    """Every plain word is the text that stands there; only null is not."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the name and shape that PyYAML reads
        first: [found for found in resolvers if found[0].endswith((":null", ":merge"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def load_cases(path):
    """Return the cases of one file."""
    return yaml.load(path.read_text(encoding="utf-8"), CaseLoader)  # noqa: S506 - it is a safe loader


def set_up(con):
    """Make every table that a model reads, empty but for the terms."""
    add_inputs(con, CAMPAIGN, dates_of({}), [])
    build_facts(con)
    build_models(con, Progress())
    build_quality_tables(con, [], [])
    con.execute("create temporary table shipped_campaign as from campaign")
    views = con.execute("select view_name from duckdb_views() where not internal")
    for (view,) in views.fetchall():
        con.execute(f"create temporary table typed as from {view} where false")
        con.execute(f"drop view {view}")
        con.execute(f"alter table typed rename to {view}")


def dates_of(case):
    """Return the dates of a case's run: those of a final one, if it names none."""
    days = FINAL | case.get("dates", {})
    return run_dates(
        CAMPAIGN, *(dt.date.fromisoformat(days[key]) for key in ("as_of", "known_at"))
    )


def fill(con, table, rows):
    """Make *rows* the only ones of *table*; what a row leaves out is null."""
    con.execute(f"delete from {table}")
    for row in rows:
        columns, marks = ", ".join(row), ", ".join("?" * len(row))
        con.execute(
            f"insert into {table} ({columns}) values ({marks})", [*row.values()]
        )


def fill_raw_records(con, feed, rows):
    """Make *rows*, by the names of the header, the records of one delivered file."""
    texts = ", ".join(f"{name}_text varchar" for name in FEEDS[feed].columns.values())
    con.execute(
        "create or replace temporary table raw_records (source_row bigint, "
        f"is_ragged boolean, has_decimal_comma boolean, record varchar, {texts})"
    )
    records = []
    for number, row in enumerate(rows, start=1):
        sound = {"source_row": number, "is_ragged": False, "has_decimal_comma": False}
        names = {
            name: name if name in FACTS_OF_A_ROW else f"{snake_case(name)}_text"
            for name in row
        }
        records.append(sound | {names[name]: value for name, value in row.items()})
    fill(con, "raw_records", records)
    trimmed = ", ".join(
        f"{name}_text = trimmed({name}_text)" for name in FEEDS[feed].columns.values()
    )
    con.execute(f"update raw_records set {trimmed}")  # as the pipeline hands them on


def run_case(con, name, case, sql=None):
    """Return the rows that the SQL file gives in a case, as text by column."""
    path = SQL_FILES[name]
    make_tables(con, name, case)
    if path.parent.name == "functions":
        return call(con, name, case["calls"])
    return rows_of(con.execute(sql or path.read_text(encoding="utf-8")))


def make_tables(con, name, case):
    """Make the tables of a case, with its terms and dates."""
    fill(con, "run_dates", [asdict(dates_of(case))])
    con.execute("create or replace temporary table campaign as from shipped_campaign")
    for column, value in case.get("terms", {}).items():
        con.execute(f"update campaign set {column} = ?", [value])
    for table, rows in case.get("given", {}).items():
        if table == "raw_records":
            fill_raw_records(con, name, rows)
        else:
            fill(con, table, rows)


def call(con, function, calls):
    """Return the *calls* of a SQL function with what it really gives."""
    ((parameters,),) = con.execute(
        "select parameters from duckdb_functions() where function_name = ?", [function]
    ).fetchall()
    types = [f"{name} {PARAMETER_TYPES.get(name, 'varchar')}" for name in parameters]
    con.execute(f"create or replace temporary table calls ({', '.join(types)})")
    # Over a table, as in the pipeline: a constant would be worked out another way.
    fill(con, "calls", [{key: row[key] for key in parameters} for row in calls])
    given = con.execute(
        f"select {function}({', '.join(parameters)}) as gives from calls"
    )
    return [
        {key: row[key] for key in parameters} | gives
        for row, gives in zip(calls, rows_of(given), strict=True)
    ]


def rows_of(result):
    """Return the rows of a query as dicts of text; null is None."""
    names = [column[0] for column in result.description]
    return [
        dict(zip(names, map(as_text, row), strict=True)) for row in result.fetchall()
    ]


def as_text(value):
    """Return a value as a case file writes it."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def differences(expected, actual, *, in_order):
    """Return, one a line, the rows that are on one side only, or out of place.

    Only the columns that some expected row names are compared.
    """
    columns = {name: None for row in expected for name in row}
    if columns:
        actual = [{name: row[name] for name in columns} for row in actual]
        expected = [{name: row.get(name) for name in columns} for row in expected]
    missing = without(expected, actual)
    lines = [f"- missing  {row}" for row in missing]
    lines += [f"+ not expected  {row}" for row in without(actual, expected)]
    if not lines and in_order and actual != expected:
        lines = [f"~ other order: {actual}"]
    return lines


def without(rows, others):
    """Return the rows that are not among *others*, each one taken once."""
    left = list(others)
    found = []
    for row in rows:
        if row in left:
            left.remove(row)
        else:
            found.append(row)
    return found


def grain_of(sql):
    """Return the columns that the header of a SQL file says are unique together."""
    found = re.search(r"^-- Grain: one row per \(([^)]+)\)", sql, re.MULTILINE)
    return found.group(1).split(", ") if found else []


def is_ordered(sql):
    """Tell whether the rows of a SQL file come in an order that counts."""
    return "\norder by" in sql
