"""The suites of ``expectations/``, read so that nothing of them is lost.

Great Expectations drops an expectation that it cannot read, and goes on. Here every
suite, expectation and severity must be what it seems to be, or there is no run.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from pipelines.errors import DataError
from pipelines.feeds import FEEDS
from pipelines.files import digest_of
from pipelines.outputs import TABLES
from pipelines.paths import EXPECTATIONS_DIR

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SEVERITIES = ("critical", "warning", "info")
FEED_SUITES = tuple(FEEDS)
TABLE_SUITES = tuple(TABLES)
KEYS = {"type", "kwargs", "meta", "severity", "description"}
ROW_COUNT = "expect_table_row_count_to_be_between"
OF_ROWS = frozenset(
    {
        "expect_column_values_to_not_be_null",
        "expect_column_value_lengths_to_equal",
        "expect_column_values_to_be_between",
        "expect_column_values_to_be_in_set",
        "expect_column_values_to_not_be_in_set",
        "expect_column_pair_values_a_to_be_greater_than_b",
        # Of files: each has its own columns.
        "expect_table_columns_to_match_set",
    }
)
NOT_OF_ALL = frozenset({"mostly", "row_condition"})
OWN_QUERY = "unexpected_rows_expectation"


@dataclass(frozen=True)
class Expected:
    """One expectation of a suite, as its file has it."""

    suite: str
    type: str
    kwargs: dict[str, Any]
    severity: str
    description: str
    # What it is called in reports: the name in its meta, or its type and columns.
    name: str

    @property
    def is_of_rows(self) -> bool:
        """Whether it holds of a table as soon as it holds of each row by itself."""
        return self.type in OF_ROWS and NOT_OF_ALL.isdisjoint(self.kwargs)

    def as_gx(self, position: int) -> dict[str, Any]:
        """Return it in the words of Great Expectations, findable by its position."""
        return {
            "type": self.type,
            "kwargs": self.kwargs,
            "severity": self.severity,
            "meta": {"position": position},
        }


@dataclass(frozen=True)
class Suite:
    """All that one table must be, with the columns that tell its rows apart."""

    name: str
    owner: str
    grain: str
    key: tuple[str, ...]
    expectations: tuple[Expected, ...]

    @property
    def of_rows(self) -> tuple[Expected, ...]:
        """The expectations that rows which held them once need not be asked again."""
        return tuple(one for one in self.expectations if one.is_of_rows)

    @property
    def of_rows_digest(self) -> str:
        """The digest of what rows were asked, and of who asks."""
        asked = [[one.type, one.kwargs] for one in self.of_rows]
        return digest_of([asked, version("great_expectations")])


@dataclass(frozen=True)
class JudgedRows:
    """What stands for a table of which most rows held before all that rows must."""

    # The table of the other rows, and one that has as many rows as all together.
    unjudged: str
    counted: str

    def table_for(self, one: Expected) -> str:
        """Return the table that an expectation is to be asked of."""
        if one.type == ROW_COUNT:
            return self.counted
        # A query of one's own names the tables that it reads.
        return self.unjudged if one.is_of_rows or one.type == OWN_QUERY else one.suite


def load_suites(names: Iterable[str], folder: Path = EXPECTATIONS_DIR) -> list[Suite]:
    """Return the suites of *names*, in that order.

    Raises:
        DataError: one is missing, empty, or not what it seems to be.
    """
    return [load_suite(folder / f"{name}.yaml") for name in names]


def load_suite(path: Path) -> Suite:
    """Return the suite of one file.

    Raises:
        DataError: it cannot be read, or says what nobody would check.
    """
    written = _read(path)
    try:
        meta, listed = written["meta"], written["expectations"]
        if written["name"] != path.stem:
            raise _refusal(path, f"is named {written['name']!r}")
        if not listed:
            raise _refusal(path, "expects nothing")
        expectations = tuple(_expected(path, item) for item in listed)
        suite = Suite(
            path.stem, meta["owner"], meta["grain"], tuple(meta["key"]), expectations
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise _refusal(path, f"is not a suite ({type(error).__name__}: {error})") from (
            error
        )
    _refuse_odd(path, suite)
    return suite


def _read(path: Path) -> dict[str, Any]:
    from ruamel.yaml.error import YAMLError

    try:
        return _parsed(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _refusal(path, "is missing") from error
    except (OSError, ValueError, YAMLError) as error:
        reason = str(error).splitlines()[0]
        raise _refusal(path, f"cannot be read ({reason})") from error


@functools.cache
def _parsed(text: str) -> dict[str, Any]:
    from ruamel.yaml import YAML

    written: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return written


def _expected(path: Path, item: dict[str, Any]) -> Expected:
    if unknown := sorted(set(item) - KEYS):
        raise _refusal(path, f"has an expectation with {unknown[0]!r}")
    kwargs = item.get("kwargs", {})
    named = item.get("meta", {}).get("name")
    return Expected(
        path.stem,
        item["type"],
        kwargs,
        item["severity"],
        " ".join(item.get("description", "").split()),
        named or f"{item['type']}({_subject(kwargs)})",
    )


def _subject(kwargs: dict[str, Any]) -> str:
    """Return the columns that an expectation is about."""
    names = [kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs]
    return ", ".join([*names, *kwargs.get("column_list", ())])


def _refuse_odd(path: Path, suite: Suite) -> None:
    """Refuse what would check less than it says."""
    if suite.expectations[0].type != ROW_COUNT:
        raise _refusal(path, "does not begin with the row count")
    names = [expected.name for expected in suite.expectations]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise _refusal(path, f"has {twice[0]} more than once")
    for expected in suite.expectations:
        if expected.severity not in SEVERITIES:
            raise _refusal(
                path, f"gives {expected.name} the severity {expected.severity!r}"
            )
        if expected.severity == "critical" and not expected.description:
            raise _refusal(path, f"does not say what {expected.name} is for")


def _refusal(path: Path, wrong: str) -> DataError:
    return DataError(
        f"the suite expectations/{path.name} {wrong}, so nothing was published; "
        "report it as a defect."
    )
