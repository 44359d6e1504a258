"""The evidence of a batch: what was ordered, who allowed it, and no account."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.evidence.batch_checks import APPROVAL_CHECKS, BATCH_CHECKS
from pipelines.evidence.checks import RUN_CHECKS
from tests.evidence_packs import (
    all_text,
    contradictions,
    python_says,
    sums_differ,
    unpacked,
)
from tests.payout_flow.stage import IBANS, TODAY, customer_id

if TYPE_CHECKING:
    from pathlib import Path

    from tests.payout_flow.stage import Stage


def packed(stage: Stage, batch: str, root: Path) -> Path:
    """Return the folder of a batch's pack."""
    out = root / f"{batch}.zip"
    stage.call("evidence", batch, "--out", str(out))
    return unpacked(out, root / f"unpacked {len(list(root.iterdir()))}")


@pytest.fixture
def approved(staged) -> tuple[Stage, Any]:
    """A batch that was approved."""
    stage, run_id = staged("2019-08-16")
    prepared = stage.prepare(run_id)
    stage.approve(prepared["batch_id"])
    return stage, prepared


def test_a_batch_is_checked_with_its_run_and_the_ledger(approved, tmp_path):
    """By the commands of the page alone; the payment file is told by its digest."""
    stage, prepared = approved

    folder = packed(stage, prepared["batch_id"], tmp_path)

    checks = [*RUN_CHECKS, *BATCH_CHECKS, *APPROVAL_CHECKS]
    assert python_says(folder) == ["agrees"] * len(checks)
    assert contradictions(folder) == {}
    assert sums_differ(folder) == []
    assert sorted(path.name for path in (folder / "batch").iterdir()) == [
        "approval.json",
        "manifest.json",
        "payout.csv",
    ]
    statement = json.loads((folder / "statement.json").read_text())
    subjects = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
    assert subjects["batch/payout.xml"] == prepared["sha256"]
    assert prepared["sha256"] in (folder / "README.txt").read_text()


def test_no_account_is_in_the_pack_of_a_batch(approved, tmp_path):
    """Of the account, the last four digits in the list of payments."""
    stage, prepared = approved

    content = all_text(packed(stage, prepared["batch_id"], tmp_path))

    paid = {iban for iban in IBANS.values() if iban[-4:] in content}
    assert paid
    for iban in IBANS.values():
        assert iban not in content
        assert iban[4:] not in content
        assert iban[-8:] not in content


def test_the_evidence_grows_with_what_happens(approved, tmp_path):
    """The same entries give the same bytes; a release adds its own."""
    stage, prepared = approved
    batch = prepared["batch_id"]
    first = packed(stage, batch, tmp_path / "a")
    second = packed(stage, batch, tmp_path / "b")

    stage.release(batch)
    third = packed(stage, batch, tmp_path / "c")

    entries = [
        (folder / "ledger/entries.ndjson").read_text() for folder in (first, third)
    ]
    assert (tmp_path / f"a/{batch}.zip").read_bytes() == (
        tmp_path / f"b/{batch}.zip"
    ).read_bytes()
    assert second != first
    assert entries[1].startswith(entries[0])
    assert '\\"kind\\":\\"release\\"' in entries[1]
    assert contradictions(third) == {}


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        (
            "batch/payout.csv",
            ",2000.00,",
            ",9000.00,",
            "The list of payments adds up to what the batch's manifest says.",
        ),
        (
            "batch/payout.csv",
            ",2000.00,",
            ",2000.0,",
            "The list of payments has the bytes that the batch's manifest promises.",
        ),
        (
            "batch/payout.csv",
            ",2000.00,",
            ",9000.00,",
            "No partner is paid more than the run found payable.",
        ),
        (
            "batch/payout.csv",
            ",2000.00,",
            ",1000.00,",
            "The ledger instructed the payments of the list, and no others.",
        ),
        (
            "ledger/entries.ndjson",
            "200000",
            "900000",
            "No entry of the ledger was changed: each has the hash of what it says.",
        ),
        (
            "ledger/chain.csv",
            "\n2,",
            "\n3,",
            "The entries stand in the chain of the ledger, in which each names the "
            "last.",
        ),
        (
            "batch/approval.json",
            "Bob Approver",
            "Ann Preparer",
            "Another person than the preparer approved these very bytes.",
        ),
        (
            "batch/approval.json",
            '"ledger_hash": "',
            '"ledger_hash": "0',
            "The approval is the ledger's.",
        ),
    ],
    ids=lambda text: text[:24],
)
def test_a_forged_batch_contradicts_a_sentence(  # noqa: PLR0913, PLR0917 - a case
    approved, tmp_path, name, old, new, sentence
):
    """Each sentence of the page is one that a forger has to get past."""
    stage, prepared = approved
    folder = packed(stage, prepared["batch_id"], tmp_path)
    path = folder / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    if "bytes" in sentence and name.endswith(".csv"):
        _forge_sums(folder, name)

    assert sentence in contradictions(folder)


def _forge_sums(folder: Path, name: str) -> None:
    """Give the sums the digest of what is there now."""
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    sums = (folder / "SHA256SUMS").read_text().splitlines()
    lines = [f"{digest}  {name}" if line[66:] == name else line for line in sums]
    (folder / "SHA256SUMS").write_text("".join(f"{line}\n" for line in lines))


def test_an_explanation_tells_of_the_payment(staged, monkeypatch):
    """What was ordered for the customer, in which batch, and how far it is."""
    stage, run_id = staged("2019-08-16")
    customer = ("explain", "--customer", customer_id(1), "--run", run_id)
    before = stage.call(*customer)
    has_ledger = (stage.home / "ledger.sqlite3").exists()
    batch = stage.prepare(run_id)["batch_id"]

    (payment,) = stage.call(*customer)["payments"]
    text = stage.in_words(*customer, today=TODAY).stdout
    monkeypatch.setattr("pipelines.ledger.upgrade.LATEST", "0000")

    assert before["payments"] == []
    assert not has_ledger
    assert (payment["batch_id"], payment["state"]) == (batch, "prepared")
    assert payment["amount"] == "2000.00"
    assert f"prepared: 2,000.00 USD in batch {batch}" in " ".join(text.split())
    assert stage.call(*customer)["payments"] is None


def test_a_changed_batch_is_no_evidence(approved, tmp_path):
    """Exit 1, and no file."""
    stage, prepared = approved
    batch = prepared["batch_id"]
    listed = next(stage.home.glob(f"payouts/*/{batch}/payout.csv"))
    listed.write_text(listed.read_text() + "more\n")
    out = tmp_path / "batch.zip"

    said = stage.call("evidence", batch, "--out", str(out), code=1)

    assert "payout.csv" in said
    assert not out.exists()
