"""A judge who takes all rows for sound, for runs that are not about the judging.

To be judged by Great Expectations is a third of a small run, and it is always the same
that is found: nothing. Only the modules of `TRUSTING` have their runs judged like this;
all others, those that are about the gate first of all, have the real judge.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from pipelines import engine, judging
from pipelines.expectations import Verdict
from pipelines.suites import JudgedRows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import duckdb

    from pipelines.suites import Suite

TRUSTING = frozenset(
    {
        "tests.test_agreement",  # but every fifth
        "tests.test_boundaries",
        "tests.test_conservation",
        "tests.test_crash",
        "tests.test_diff",
        "tests.test_explain",
        "tests.test_laws",
        "tests.test_nearest_way",
        "tests.payout.test_peers",
        "tests.payout_flow.test_agreement",
        "tests.payout_flow.test_corrections",
        "tests.payout_flow.test_crashes",
        "tests.payout_flow.test_destinations",
        "tests.payout_flow.test_import_status",
        "tests.payout_flow.test_notify",
        "tests.payout_flow.test_plan",
        "tests.payout_flow.test_refusals",
        "tests.payout_flow.test_repaid",
        "tests.payout_flow.test_secrets",
        "tests.payout_flow.test_steps",
        "tests.remote.test_remote_destinations",
    }
)


def _sound(
    con: duckdb.DuckDBPyConnection,
    suites: Sequence[Suite],
    judged: Mapping[str, JudgedRows],
) -> list[Verdict]:
    """Find that each expectation holds, of as many rows as the real judge counts."""
    verdicts = []
    for suite in suites:
        counted = judged.get(suite.name, JudgedRows(suite.name, suite.name)).counted
        rows = engine.row_count(con, counted)
        verdicts += [Verdict(one, True, rows) for one in suite.expectations]
    return verdicts


@contextlib.contextmanager
def trusted() -> Iterator[None]:
    """Let no run inside be judged by the library."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "is_imported", lambda: True)
        patch.setattr(judging, "validate", _sound)
        yield


@contextlib.contextmanager
def judged() -> Iterator[None]:
    """Let runs inside be judged by the library, though their module trusts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "validate", _REAL)
        yield


_REAL = judging.validate
