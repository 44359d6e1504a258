"""Run the suites with Great Expectations, inside the database of the run.

Verdicts first, for all; details only of what failed. Whatever does not give a verdict
stops the run: an expectation that got lost on the way, or broke.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pipelines import engine
from pipelines.errors import DataError
from pipelines.gx_import import import_now
from pipelines.suites import OWN_QUERY, Expected, JudgedRows, Suite

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import duckdb

MOST_EXAMPLES = 5
DETAILS = {
    "result_format": "COMPLETE",
    "partial_unexpected_count": MOST_EXAMPLES,
    "return_unexpected_index_query": False,
}


@dataclass(frozen=True)
class Verdict:
    """What became of one expectation."""

    expected: Expected
    passed: bool
    rows: int
    # The offenders, if they can be counted, and the first of them by their ids.
    offenders: int | None = 0
    observed: str = ""
    examples: tuple[str, ...] = ()

    @property
    def is_fatal(self) -> bool:
        """Whether nothing may be published."""
        return not self.passed and self.expected.severity == "critical"

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON has it."""
        return {
            "suite": self.expected.suite,
            "name": self.expected.name,
            "type": self.expected.type,
            "severity": self.expected.severity,
            "passed": self.passed,
            "rows": self.rows,
            "offenders": self.offenders,
            "observed": self.observed,
            "examples": list(self.examples),
            "description": self.expected.description,
        }


def validate(
    con: duckdb.DuckDBPyConnection,
    suites: Sequence[Suite],
    judged: Mapping[str, JudgedRows] = MappingProxyType({}),
) -> list[Verdict]:
    """Return the verdict on every expectation of *suites*, in their order.

    By the name of its suite, *judged* says what stands for a table of which most rows
    were judged before.

    Raises:
        DataError: there is no verdict on some expectation.
    """
    import_now()
    # Its hints go to stdout, where --json has one document and nothing else.
    hints = contextlib.redirect_stdout(io.StringIO())
    with hints, warnings.catch_warnings(action="ignore"):
        try:
            source = _datasource(con)
        except Exception as error:
            raise _broken("Great Expectations", error) from error
        return [
            verdict
            for suite in suites
            for verdict in _validate_one(con, source, suite, judged.get(suite.name))
        ]


def _datasource(con: duckdb.DuckDBPyConnection) -> Any:
    import great_expectations as gx

    from pipelines.gx_duckdb import CONNECTION_STRING, engine_settings

    context = gx.get_context(mode="ephemeral")
    variables: Any = context.variables
    variables.progress_bars = {"globally": False}
    # It would write all of itself as YAML for each table, and read it never.
    variables.save = lambda: None
    sources: Any = context.data_sources
    return sources.add_sql(
        "run", connection_string=CONNECTION_STRING, kwargs=engine_settings(con)
    )


def _validate_one(
    con: duckdb.DuckDBPyConnection, source: Any, suite: Suite, judged: JudgedRows | None
) -> Iterator[Verdict]:
    judged = judged or JudgedRows(suite.name, suite.name)
    try:
        details: dict[str, Any] = {}
        for table in dict.fromkeys(map(judged.table_for, suite.expectations)):
            wanted = [x for x in suite.expectations if judged.table_for(x) == table]
            details |= _failures(source, suite, table, wanted)
        rows = engine.row_count(con, judged.counted)
    except DataError:
        raise
    except Exception as error:
        raise _broken(suite.name, error) from error
    for one in suite.expectations:
        if one.name in details:
            yield _explained(one, rows, details[one.name]["result"], suite.key)
        else:
            yield Verdict(one, True, rows)


def _failures(
    source: Any, suite: Suite, table: str, wanted: Sequence[Expected]
) -> dict[str, Any]:
    """Return the details of each expectation that a table fails, by its name."""
    asset = source.add_table_asset(table, table_name=table)
    batch = asset.add_batch_definition_whole_table("all").get_batch()
    passed = _results(batch, suite, wanted, "BOOLEAN_ONLY")
    failed = [one for one in wanted if not passed[one.name]["success"]]
    if not failed:
        return {}
    details = DETAILS | {"unexpected_index_column_names": list(suite.key)}
    return _results(batch, suite, failed, details)


def _results(
    batch: Any, suite: Suite, wanted: Sequence[Expected], result_format: Any
) -> dict[str, Any]:
    """Return the result of each expectation by its name.

    Raises:
        DataError: one was dropped, or raised an exception.
    """
    import great_expectations as gx

    from pipelines.gx_memory import configured_once

    written = [one.as_gx(place) for place, one in enumerate(wanted)]
    gx_suite = gx.ExpectationSuite(name=suite.name, expectations=written)
    with configured_once():
        found = batch.validate(gx_suite, result_format=result_format)
    results = {}
    for result in found.results:
        one = wanted[result.expectation_config.meta["position"]]
        if message := _exception_of(result.exception_info):
            raise _broken(f"{suite.name}, {one.name},", message)
        results[one.name] = {"success": result.success, "result": result.result}
    for one in wanted:
        if results.get(one.name, {}).get("success") not in {True, False}:
            raise _broken(f"{suite.name}, {one.name},", "it was dropped")
    return results


def _exception_of(info: dict[str, Any]) -> str | None:
    """Return what an expectation died of; the details come flat, or by metric."""
    several = [info] if "raised_exception" in info else list(info.values())
    for one in several:
        if one["raised_exception"]:
            return str(one["exception_message"])
    return None


def _explained(
    one: Expected, rows: int, result: dict[str, Any], key: tuple[str, ...]
) -> Verdict:
    """Return why an expectation failed, in counts and ids alone."""
    if one.type == OWN_QUERY:
        found = result["details"]["unexpected_rows"]
        count = result["observed_value"]
        examples = [", ".join(f"{k} {v}" for k, v in row.items()) for row in found]
        return Verdict(
            one, False, rows, count, f"{count} rows", tuple(examples[:MOST_EXAMPLES])
        )
    if "unexpected_count" in result:
        count = result["unexpected_count"]
        places = result.get("unexpected_index_list") or []
        examples = [
            ", ".join(f"{name} {place[name]}" for name in key if name in place)
            for place in places
        ]
        observed = f"{count} of {rows} rows"
        return Verdict(
            one, False, rows, count, observed, tuple(examples[:MOST_EXAMPLES])
        )
    return Verdict(one, False, rows, None, str(result.get("observed_value")))


def _broken(what: str, error: object) -> DataError:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return DataError(
        f"the expectations of {what} gave no verdict ({reason}), so nothing was "
        "published; report it as a defect."
    )
