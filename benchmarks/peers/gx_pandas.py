"""The same contracts on frames in memory, as Great Expectations does it by itself.

Of the suites in expectations/ this takes every expectation that works on a frame;
those that are a query of their own work in a database alone.
"""

from __future__ import annotations

import functools
import logging
import os
import re
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML

os.environ["GX_ANALYTICS_ENABLED"] = "false"
logging.getLogger("great_expectations").setLevel(logging.CRITICAL)

import great_expectations as gx  # noqa: E402 - its settings come first

SUITES = Path(__file__).parent.parent.parent / "expectations"
QUERY = "unexpected_rows_expectation"


def check(name: str, frame: pd.DataFrame) -> int:
    """Hold *frame* against the suite of *name*; return how many expectations hold."""
    columns = {column: _snake_case(column) for column in frame.columns}
    wanted = [
        one
        for one in _suite(name)["expectations"]
        if set(_columns_of(one)) <= set(columns.values())
    ]
    suite = gx.ExpectationSuite(name=f"{name} {len(_checked)}", expectations=wanted)
    _checked.append(name)
    asset = _source().add_dataframe_asset(name=suite.name)
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch(
        {"dataframe": frame.rename(columns=columns)}
    )
    found = batch.validate(suite, result_format="BOOLEAN_ONLY")
    if len(found.results) != len(wanted):
        raise ValueError(name)
    return sum(bool(one.success) for one in found.results)


_checked: list[str] = []


@functools.cache
def _source() -> Any:
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context.data_sources.add_pandas(name="frames")


@functools.cache
def _suite(name: str) -> dict[str, Any]:
    text = (SUITES / f"{name}.yaml").read_text(encoding="utf-8")
    suite = YAML(typ="safe").load(text)
    # The set of columns is that of the product's files, not of a frame made here.
    left_out = {QUERY, "expect_table_columns_to_match_set"}
    suite["expectations"] = [
        {"type": one["type"], "kwargs": one["kwargs"], "severity": one["severity"]}
        for one in suite["expectations"]
        if one["type"] not in left_out
    ]
    return suite


def _columns_of(expectation: dict[str, Any]) -> list[str]:
    kwargs = expectation["kwargs"]
    named = [kwargs.get(key) for key in ("column", "column_A", "column_B")]
    return [name for name in [*named, *kwargs.get("column_list", [])] if name]


def _snake_case(column: str) -> str:
    return re.sub(
        r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[A-Z][a-z])", "_", column
    ).lower()


def main(home: Path) -> None:
    """Check the newest run of *home*, and all that it was computed from."""
    run = max(home.glob("runs/*/*/*"), key=lambda folder: folder.stat().st_mtime)
    held = asked = 0
    for suite in sorted(SUITES.glob("*.yaml")):
        table = run / f"{suite.stem}.parquet"
        files = [table] if table.exists() else _newest(home, suite.stem)
        frame = pd.concat(
            [pd.read_parquet(file, dtype_backend="pyarrow") for file in files],
            ignore_index=True,
        )
        asked += len(_suite(suite.stem)["expectations"])
        held += check(suite.stem, frame)
    print(f"{held} of {asked} expectations hold")  # noqa: T201 - it is what it is for


def _newest(home: Path, feed: str) -> list[Path]:
    files = sorted((home / "validated" / feed).glob("*/*.parquet"))
    if feed == "license_usage":
        return files
    newest = {path.name: path for path in files}
    return sorted(newest.values()) if feed == "billing" else files[-1:]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
