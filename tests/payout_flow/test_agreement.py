"""Money follows only those runs on which two engines, written apart, agreed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.files import digest_of
from pipelines.payout import agreed
from pipelines.reperformance import agreement
from pipelines.second_reading import rules
from tests.commands import cashback

if TYPE_CHECKING:
    from pathlib import Path

    from tests.payout_flow.stage import Stage

FIRST = "2019-08-16"


def record_of(stage: Stage, run_id: str) -> Path:
    """Return where the agreement on a run is recorded."""
    return stage.home / "reperformed" / f"{run_id}.json"


def entries(stage: Stage) -> int:
    """Return how many entries the ledger has."""
    return int(stage.call("ledger", "verify")["entries"])


def test_prepare_asks_the_second_reading_itself(staged: Any) -> None:
    """Straight after a run; the ledger names the record that it relied on."""
    stage, run_id = staged(FIRST)

    stage.prepare(run_id)

    record = json.loads(record_of(stage, run_id).read_text(encoding="utf-8"))
    assert record["run_id"] == run_id
    assert record["rows"]["rule_results"] == 3 * 14
    with stage.ledger().reading() as book:
        (batch,) = book.rows("select facts from batches")
    assert json.loads(batch["facts"])["agreement_sha256"] == digest_of(record)


def test_a_run_on_which_the_engines_differ_is_not_paid(
    staged: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 5, one sentence, nothing in the ledger, and it says what to do."""
    stage, run_id = staged(FIRST)
    monkeypatch.setattr(rules, "_smb_segment", lambda case: rules.FAIL)

    refused = stage.prepare(run_id, code=5)

    assert "the two engines do not agree" in refused
    assert "nothing was prepared: second reading: customer_decisions" in refused
    assert f"`cashback reperform {run_id}`" in refused
    assert entries(stage) == 0
    assert not record_of(stage, run_id).exists()


def test_what_reperform_recorded_is_believed(
    staged: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second reading is asked once for the same bytes."""
    stage, run_id = staged(FIRST)
    words = ("reperform", run_id, "--engine", "python", "--home", stage.home)
    assert cashback(*words).exit_code == 0
    monkeypatch.delattr(agreed, "reperform")

    assert stage.prepare(run_id)["payments"] == 2


@pytest.mark.parametrize("key", ["manifest_sha256", "engines"])
def test_a_record_of_something_else_is_not_believed(staged: Any, key: str) -> None:
    """Other bytes of the run, or another version of the second reading: ask again."""
    stage, run_id = staged(FIRST)
    stage.prepare(run_id, "--dry-run")
    assert not record_of(stage, run_id).exists(), "a dry run records nothing"
    stage.prepare(run_id)
    right = record_of(stage, run_id).read_text(encoding="utf-8")
    record_of(stage, run_id).write_text(json.dumps(json.loads(right) | {key: "other"}))

    stage.prepare(run_id)

    assert record_of(stage, run_id).read_text(encoding="utf-8") == right


def test_a_new_second_reading_has_to_agree_anew(
    staged: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an earlier version said of a rule says nothing about this one."""
    stage, run_id = staged(FIRST)
    stage.prepare(run_id, "--dry-run")
    words = ("reperform", run_id, "--engine", "python", "--home", stage.home)
    assert cashback(*words).exit_code == 0
    monkeypatch.setattr(agreement, "second_reading_version", lambda: "newer")
    monkeypatch.setattr(rules, "_smb_segment", lambda case: rules.FAIL)

    assert "do not agree" in stage.prepare(run_id, code=5)
