"""The default run over the shipped sample gives what was reviewed, row by row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.summary import run_summary
from tests.result_tables import SHOWN, differences, read_csv, table_of, write_csv

GOLDEN_DIR = Path(__file__).parent / "golden"
MOST_SHOWN = 20
# What the sample comes to; not where it lies or by which name it goes.
UNREVIEWED = {"run_id", "path", "is_new"}


@pytest.mark.parametrize("name", SHOWN)
def test_the_sample_run_gives_the_reviewed_table(name, sample_run, request):
    """A decision, verdict, payout or stretch of seats changes only on purpose."""
    path = GOLDEN_DIR / f"{name}.csv"
    actual = table_of(sample_run.path, name)
    if request.config.getoption("--update-golden"):
        write_csv(path, actual)

    found = differences(name, read_csv(path), actual)

    assert not found, _explained(name, found)


def test_the_sample_run_gives_the_reviewed_summary(sample_run, request):
    """Counts, sums, dates and quarantined rows are those that were reviewed."""
    path = GOLDEN_DIR / "summary.json"
    summary = run_summary(sample_run)
    actual = {key: value for key, value in summary.items() if key not in UNREVIEWED}
    if request.config.getoption("--update-golden"):
        path.write_text(json.dumps(actual, indent=2) + "\n", encoding="utf-8")

    expected = json.loads(path.read_text(encoding="utf-8"))

    assert actual == expected


def test_a_changed_decision_shows_in_the_failure():
    """The failure names the customer, the column, and both values."""
    before = {"partner_id": "1", "customer_id": "c", "decision": "qualified"}

    found = differences(
        "customer_decisions",
        [before, before | {"customer_id": "lost"}],
        [before | {"decision": "pending"}, before | {"customer_id": "found"}],
    )

    assert found == [
        "gone: partner_id 1, customer_id lost, decision qualified",
        "new: partner_id 1, customer_id found, decision qualified",
        "1/c: decision was 'qualified', is 'pending'",
    ]


def _explained(name: str, found: list[str]) -> str:
    shown = "\n".join(f"  {line}" for line in found[:MOST_SHOWN])
    more = f"\n  and {len(found) - MOST_SHOWN} more" if len(found) > MOST_SHOWN else ""
    return (
        f"{name} of the sample differs from tests/golden in {len(found)} places:\n"
        f"{shown}{more}\nIf it is meant, run `make golden` and say why in CHANGELOG.md."
    )
