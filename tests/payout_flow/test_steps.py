"""From a decided run to money at the partner, with the balances at each step."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from pipelines.paths import DICTIONARY
from pipelines.payout.pain001_schema import schema_faults
from tests.payout.answers import because, block, booked, camt054, pain002, transaction
from tests.payout_flow.runs import P1, P2, P3
from tests.payout_flow.stage import APPROVER, PREPARER, RELEASER, Stage

FIRST = "2019-08-16"
DICTIONARY_TEXT = DICTIONARY.read_text(encoding="utf-8")


def answered(stage: Stage, content: bytes, name: str = "answer.xml") -> Path:
    """Write a message of the bank about the batch that was sent last."""
    message_id = stage.call("payout", "list")["batches"][-1]["message_id"]
    path = stage.root / name
    path.write_bytes(content.replace(b">M1<", f">{message_id}<".encode()))
    return path


def ids(stage: Stage) -> dict[str, str]:
    """Return the end-to-end id of each partner's last payment."""
    listed = stage.call("payout", "list")["payments"]
    return {one["partner_id"]: one["end_to_end_id"] for one in listed}


def batch_state(stage: Stage) -> str:
    """Return the state of the last batch."""
    return str(stage.call("payout", "list")["batches"][-1]["state"])


def test_a_batch_goes_all_the_way(staged: Any, ledger_url: str) -> None:
    """Prepared, approved, released, accepted or rejected, settled, returned."""
    stage, run_id = staged(FIRST, url=ledger_url)

    batch = stage.prepare(run_id)
    assert (batch["payments"], batch["total"]) == (2, "6000.00")
    assert stage.states() == {P1: "prepared", P2: "prepared"}
    assert stage.balances() == {P1: ("4000.00", "0.00"), P2: ("2000.00", "0.00")}

    stage.approve(batch["batch_id"])
    assert stage.states() == {P1: "approved", P2: "approved"}

    stage.release(batch["batch_id"])
    assert stage.states() == {P1: "released", P2: "released"}
    assert batch_state(stage) == "released"

    report = pain002(
        block(
            transaction(ids(stage)[P1], "ACSP"),
            transaction(ids(stage)[P2], "RJCT", reason=because("AC04", "closed")),
        )
    )
    stage.call("payout", "import-status", str(answered(stage, report)))
    assert stage.states() == {P1: "accepted", P2: "rejected"}
    assert stage.balances() == {P1: ("4000.00", "0.00"), P2: ("2000.00", "2000.00")}
    assert batch_state(stage) == "accepted"

    first = ids(stage)[P1]
    notice = camt054(booked(first, amount="4000.00", day="2019-08-22"))
    stage.call("payout", "import-status", str(answered(stage, notice)))
    assert stage.states()[P1] == "settled"
    assert batch_state(stage) == "settled"

    back = booked(
        first, side="CRDT", returned="AC04", amount="4000.00", day="2019-08-27"
    )
    stage.call("payout", "import-status", str(answered(stage, camt054(back))))
    assert stage.states() == {P1: "returned", P2: "rejected"}
    assert batch_state(stage) == "rejected"
    assert stage.balances() == {P1: ("4000.00", "4000.00"), P2: ("2000.00", "2000.00")}

    again = stage.prepare(run_id, today="2019-08-28")
    assert (again["payments"], again["total"]) == (2, "6000.00")
    assert again["batch_id"] != batch["batch_id"]
    assert first not in ids(stage).values()
    assert stage.call("ledger", "verify")["differences"] == []


def test_what_is_prepared_is_what_the_run_says(staged: Any) -> None:
    """Files, modes, keys, sums: each says the same as the others."""
    stage, run_id = staged(FIRST)

    batch = stage.prepare(run_id)

    folder = Path(batch["path"])
    assert folder == stage.home / "payouts" / "d365-smb-2019" / batch["batch_id"]
    names = {"payout.csv", "payout.xml", "manifest.json"}
    assert {path.name for path in folder.iterdir()} == names
    assert stat.S_IMODE((folder / "payout.xml").stat().st_mode) == 0o600
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["outputs"]["payout.xml"]["sha256"] == batch["sha256"]
    assert manifest["run_id"] == run_id
    xml = (folder / "payout.xml").read_bytes()
    assert schema_faults(xml) == []
    order = etree.fromstring(xml)
    texts = {
        tag: [element.text for element in order.iter(f"{{*}}{tag}")]
        for tag in ("MsgId", "CtrlSum", "InstdAmt", "IBAN", "Dt", "EndToEndId")
    }
    assert texts["CtrlSum"] == ["6000.00", "6000.00"]
    assert texts["InstdAmt"] == ["4000.00", "2000.00"]
    assert texts["Dt"] == [batch["execution_date"]]
    listed = stage.call("payout", "list")
    assert texts["MsgId"] == [listed["batches"][0]["message_id"]]
    assert texts["EndToEndId"] == [one["end_to_end_id"] for one in listed["payments"]]


def test_the_same_bytes_come_of_the_same_run_anywhere(
    staged: Any, runs: Any, tmp_path: Path
) -> None:
    """Another home with a ledger of its own gives the same payment file."""
    stage, run_id = staged(FIRST)
    other = Stage(tmp_path / "elsewhere")
    runs.copy_to(other.home)

    assert stage.prepare(run_id)["sha256"] == other.prepare(run_id)["sha256"]


def test_preparing_again_finds_nothing_to_do(staged: Any, ledger_url: str) -> None:
    """Whatever state the batch is in, on any day, whoever asks."""
    stage, run_id = staged(FIRST, url=ledger_url)
    batch_id = stage.prepare(run_id)["batch_id"]

    steps = (lambda: None, stage.approve, stage.release)
    for step, today in zip(steps, ("2019-08-20", "2019-08-01", None), strict=True):
        if step in (stage.approve, stage.release):
            step(batch_id)
        again = stage.call(
            "payout", "prepare", run_id, "--by", "Somebody Else", today=today
        )
        assert (again["batch_id"], again["payments"]) == (None, 0)
        assert again["total"] == "0.00"

    assert len(stage.call("payout", "list")["payments"]) == 2


def test_lost_files_are_written_again_to_the_byte(staged: Any) -> None:
    """And an approval that was given stands; the same person writes its file again."""
    stage, run_id = staged(FIRST)
    batch = stage.prepare(run_id)
    stage.approve(batch["batch_id"])
    folder = Path(batch["path"])
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    folder.rename(stage.root / "gone")

    restored = stage.prepare(run_id, today="2019-09-02")
    stage.approve(batch["batch_id"], today="2019-09-02")

    assert restored["batch_id"] == batch["batch_id"]
    assert restored["is_new"] is False
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_payer_that_changed_does_not_restore_files(staged: Any) -> None:
    """They would be other ones than were approved."""
    stage, run_id = staged(FIRST)
    batch = stage.prepare(run_id)
    Path(batch["path"]).rename(stage.root / "gone")
    (stage.home / "settings.yaml").write_text("payer: {name: Another Company}\n")

    refused = stage.prepare(run_id, code=5)

    assert "another one" in refused
    assert not Path(batch["path"]).exists()


def test_another_home_never_pays_a_second_time(
    staged: Any, runs: Any, ledger_url: str, tmp_path: Path
) -> None:
    """One ledger, two homes with the same run: the first one prepares, it alone."""
    stage, run_id = staged(FIRST, url=ledger_url)
    other = Stage(tmp_path, ledger_url, "other_home")
    runs.copy_to(other.home)
    batch = stage.prepare(run_id)

    assert other.prepare(run_id)["payments"] == 0
    assert not (other.home / "payouts").exists()
    assert str(stage.home) in other.approve(batch["batch_id"], code=5)
    assert "does not hold" in other.release(batch["batch_id"], code=5)
    assert len(other.call("payout", "list")["payments"]) == 2


def test_a_rehearsal_leaves_nothing(staged: Any, ledger_url: str) -> None:
    """It says what would be prepared and released."""
    stage, run_id = staged(FIRST, url=ledger_url)

    rehearsed = stage.prepare(run_id, "--dry-run")

    assert (rehearsed["payments"], rehearsed["total"]) == (2, "6000.00")
    assert stage.call("payout", "list") == {"batches": [], "payments": []}
    assert not (stage.home / "payouts").exists()
    batch = stage.prepare(run_id)
    assert batch["sha256"] == rehearsed["sha256"]
    stage.approve(batch["batch_id"])
    assert stage.release(batch["batch_id"], "--dry-run")["is_dry_run"]
    assert stage.sent() == []
    assert set(stage.states().values()) == {"approved"}


def test_holds_and_invalid_accounts_wait_and_are_paid_when_cured(staged: Any) -> None:
    """A hold is not a loss."""
    stage, spoilt = staged("2019-09-16")

    batch = stage.prepare(spoilt, today="2019-09-17")

    assert (batch["payments"], batch["total"]) == (1, "2000.00")
    assert batch["held"] == [
        {"partner_id": P2, "amount": "2000.00", "reasons": ["tax_profile"]},
        {"partner_id": P3, "amount": "2000.00", "reasons": ["bank_account"]},
    ]
    assert stage.balances()[P2] == ("2000.00", "2000.00")


def test_a_run_and_a_batch_are_verified_by_the_same_command(staged: Any) -> None:
    """By id and by path; a byte that changed is named, and exits with 1."""
    stage, run_id = staged(FIRST)
    batch = stage.prepare(run_id)
    stage.approve(batch["batch_id"])
    assert stage.call("verify", run_id)["differences"] == []
    assert stage.call("verify", batch["batch_id"])["differences"] == []
    assert stage.call("verify", batch["path"])["batch_id"] == batch["batch_id"]

    for name in ("payout.csv", "payout.xml", "manifest.json", "approval.json"):
        path = Path(batch["path"]) / name
        content = path.read_bytes()
        path.write_bytes(content[:-2] + b" " + content[-1:])
        found = stage.call("verify", batch["batch_id"], code=1)["differences"]
        assert any(name in difference for difference in found), (name, found)
        path.write_bytes(content)

    Path(batch["path"]).rename(stage.root / "gone")
    assert stage.call("verify", batch["batch_id"], code=1)["differences"]


def test_every_step_names_who_took_it(staged: Any) -> None:
    """The ledger, the list and the approval agree."""
    stage, run_id = staged(FIRST)
    batch = stage.prepare(run_id)
    stage.approve(batch["batch_id"])
    stage.release(batch["batch_id"])

    (listed,) = stage.call("payout", "list")["batches"]

    names = [listed[key] for key in ("prepared_by", "approved_by", "released_by")]
    assert names == [PREPARER, APPROVER, RELEASER]
    approval = json.loads((Path(batch["path"]) / "approval.json").read_text())
    assert (approval["prepared_by"], approval["approved_by"]) == (PREPARER, APPROVER)
    assert approval["sha256"] == batch["sha256"]
    assert re.fullmatch("[0-9a-f]{64}", approval["ledger_hash"])


@pytest.mark.parametrize("name", ["manifest.json", "approval.json"])
def test_every_key_of_a_batch_is_described(staged: Any, name: str) -> None:
    """In the dictionary, and none that is not there."""
    stage, run_id = staged(FIRST)
    batch = stage.prepare(run_id)
    stage.approve(batch["batch_id"])
    title = "payouts/manifest.json" if name == "manifest.json" else name
    (text,) = re.findall(rf"^## {title}\n(.*?)(?=^#)", DICTIONARY_TEXT, re.M | re.S)
    rows = re.findall(r"^\| (`.*?`) \| \S", text, re.MULTILINE)

    document = json.loads((Path(batch["path"]) / name).read_text())

    assert sorted(key for row in rows for key in re.findall(r"`(\w+)`", row)) == sorted(
        document
    )


def test_the_list_counts_the_days_that_are_left(staged: Any) -> None:
    """Below zero when it is too late."""
    stage, run_id = staged(FIRST)
    stage.prepare(run_id)

    def left(today: str) -> int:
        return int(stage.call("payout", "list", today=today)["batches"][0]["days_left"])

    assert [left("2019-09-20"), left("2019-09-27"), left("2019-09-28")] == [7, 0, -1]


def test_every_step_says_in_words_what_it_did(staged: Any) -> None:
    """And what was done before is told as it was then, whatever day it is."""
    stage, run_id = staged(FIRST)

    def said(*words: str, today: str = "2019-08-20") -> str:
        result = stage.in_words("payout", *words, today=today)
        assert result.exit_code == 0, result.output
        return str(result.stdout)

    rehearsed = said("prepare", run_id, "--by", PREPARER, "--dry-run")
    assert "rehearsed, nothing recorded: 2 payments, 6000.00 USD" in rehearsed
    assert str(stage.home) not in rehearsed
    prepared = said("prepare", run_id, "--by", PREPARER)
    assert "prepared: 2 payments, 6000.00 USD, on 2019-08-22" in prepared
    assert "nothing is owed" in said("prepare", run_id, "--by", PREPARER)
    (batch,) = stage.call("payout", "list")["batches"]
    approve = ("approve", batch["batch_id"], "--by", APPROVER)
    assert f"approved by {APPROVER}" in said(*approve)
    assert "was approved before" in said(*approve)
    release = ("release", batch["batch_id"], "--by", RELEASER, "--to", str(stage.bank))
    assert "to be paid on 2019-08-22" in said(*release)
    again = said(*release, today="2019-12-24")
    assert "nothing was sent" in again
    assert "to be paid on 2019-08-22" in again
    listed = said("list")
    assert "released  2 payments  6000.00 USD  pay by 2019-09-27 (38 days" in listed
    assert ids(stage)[P1] in listed
