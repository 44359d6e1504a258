"""Killed at any step, and at once from two sides: never twice, never lost."""

from __future__ import annotations

import itertools
import shutil
from typing import TYPE_CHECKING, Any

from pipelines.payout.final_run import FinalRun, final_run
from tests.payout_flow.killing import at_once, killed_at
from tests.payout_flow.runs import P1, P2
from tests.payout_flow.stage import APPROVER, PREPARER, RELEASER, Stage

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

FIRST = "2019-08-16"


def pay(stage: Stage, run_id: str) -> None:
    """Take all steps from a run to the bank, as often as it is called."""
    stage.prepare(run_id)
    for batch in stage.call("payout", "list")["batches"]:
        stage.approve(batch["batch_id"])
        stage.release(batch["batch_id"])


def check_paid_once(stage: Stage, run_id: str) -> None:
    """Check that each partner was paid once, and that nothing lies around."""
    listed = stage.call("payout", "list")
    (batch,) = listed["batches"]
    assert batch["is_sent"] is True
    amounts = {one["partner_id"]: one["amount"] for one in listed["payments"]}
    assert amounts == {P1: "4000.00", P2: "2000.00"}
    assert len(listed["payments"]) == 2
    (sent,) = stage.sent()
    folder = stage.home / "payouts" / "d365-smb-2019"
    (prepared,) = folder.rglob("payout.xml")
    assert sent.read_bytes() == prepared.read_bytes()
    left = set(stage.root.rglob("*payout.xml*")) - {sent, prepared}
    assert left == set()
    assert [path.name for path in folder.iterdir()] == [batch["batch_id"]]
    assert stage.call("verify", batch["batch_id"])["differences"] == []
    assert stage.prepare(run_id)["payments"] == 0


def test_killed_at_any_step_it_is_paid_once(
    staged: Any,
    ledger_url: str,
    request: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever was killed, taking the same steps again ends the same."""
    base, run_id = staged(FIRST)
    # Read once: that takes longer than all the rest, and is always the same.
    accounts = final_run(base.home, run_id).bank_accounts()
    monkeypatch.setattr(FinalRun, "bank_accounts", lambda _: accounts)
    for step in itertools.count(1):
        stage = Stage(tmp_path / str(step), _new_url(request, ledger_url, tmp_path))
        shutil.copytree(base.home, stage.home)

        # Files are the same with either database, so they are looked at with one.
        was_killed = killed_at(
            step,
            tmp_path,
            lambda here=stage: pay(here, run_id),
            files=ledger_url.startswith("sqlite"),
        )

        pay(stage, run_id)
        check_paid_once(stage, run_id)
        shutil.rmtree(stage.root)
        if not was_killed:
            break
    # Two for each commit of three commands, and one for each name of a file.
    assert step > 15


def _new_url(request: Any, ledger_url: str, tmp_path: Path) -> str:
    if ledger_url.startswith("sqlite"):
        return ""  # the file of the home
    return str(request.getfixturevalue("postgresql_server").new_database())


def test_two_at_once_prepare_one_batch(staged: Any, ledger_url: str) -> None:
    """The second one waits, and finds nothing owed."""
    stage, run_id = staged(FIRST, url=ledger_url)

    at_once(4, lambda _: stage.prepare(run_id))

    (batch,) = stage.call("payout", "list")["batches"]
    assert batch["payments"] == 2
    assert stage.call("verify", batch["batch_id"])["differences"] == []


def test_two_homes_at_once_prepare_one_batch(
    staged: Any, runs: Any, ledger_url: str
) -> None:
    """They share nothing but the ledger."""
    stage, run_id = staged(FIRST, url=ledger_url)
    stages = [
        stage,
        Stage(stage.root, ledger_url, "second"),
        Stage(stage.root, ledger_url, "third"),
    ]
    for other in stages[1:]:
        runs.copy_to(other.home)

    at_once(3, lambda number: stages[number].prepare(run_id))

    assert len(stage.call("payout", "list")["batches"]) == 1
    files = [path for one in stages for path in one.home.rglob("payout.xml")]
    assert len(files) == 1


def test_many_at_once_approve_and_release_once(staged: Any, ledger_url: str) -> None:
    """The bank sees one file, complete, whoever came first."""
    stage, run_id = staged(FIRST, url=ledger_url)
    batch_id = stage.prepare(run_id)["batch_id"]

    at_once(3, lambda _: stage.approve(batch_id))
    at_once(4, lambda _: stage.release(batch_id))

    assert len(stage.sent()) == 1
    with stage.ledger().reading() as book:
        kinds = [entry.content.kind.value for entry, _ in book.entries()]
    once = {
        kind: kinds.count(kind) for kind in ("approve", "release", "place", "confirm")
    }
    assert once == {"approve": 1, "release": 1, "place": 1, "confirm": 1}
    check_paid_once(stage, run_id)


def test_people_are_who_they_were(staged: Any) -> None:
    """Who goes on after a crash is recorded beside who began."""
    stage, run_id = staged(FIRST)
    pay(stage, run_id)

    with stage.ledger().reading() as book:
        rows = book.rows("select kind, who from entries order by sequence")
    who = {row["kind"]: row["who"] for row in rows}
    assert (who["prepare"], who["approve"]) == (PREPARER, APPROVER)
    assert (who["release"], who["confirm"]) == (RELEASER, RELEASER)
