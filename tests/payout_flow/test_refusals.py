"""What is refused, with which exit code, and that nothing happened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.payout_flow.runs import P1
from tests.payout_flow.stage import APPROVER, PREPARER, RELEASER, Stage

FIRST = "2019-08-16"


def entries(stage: Stage) -> int:
    """Return how many entries the ledger has."""
    return int(stage.call("ledger", "verify")["entries"])


@pytest.fixture
def prepared(staged: Any) -> tuple[Stage, str, Path]:
    """Return a home with a batch that waits for approval."""
    stage, run_id = staged(FIRST)
    batch = stage.prepare(run_id)
    return stage, batch["batch_id"], Path(batch["path"])


def test_an_open_run_is_not_paid(staged: Any) -> None:
    """Before the cut-off a late invoice can still change it."""
    stage, run_id = staged("2019-08-14")

    assert "is not final" in stage.prepare(run_id, code=5)
    assert entries(stage) == 0


def test_a_run_that_was_changed_is_not_paid(staged: Any) -> None:
    """Not even by one byte of one of its inputs."""
    stage, run_id = staged(FIRST)
    (landed,) = (stage.home / "landing" / "billing").glob(f"{FIRST}/*.csv")
    landed.chmod(0o600)
    landed.write_bytes(landed.read_bytes() + b"\n")

    refused = stage.prepare(run_id, code=1)

    assert "one.csv has other bytes" in refused
    assert entries(stage) == 0


def test_an_unknown_run_or_batch_is_wrong_usage(staged: Any) -> None:
    """The sentence says where ids come from."""
    stage, _ = staged(FIRST)

    assert "no run named" in stage.prepare("nothing", code=2)
    assert "payout list" in stage.approve("nothing", code=2)
    assert "payout list" in stage.release("nothing", code=2)


@pytest.mark.parametrize("name", ["", "   ", "Ann\u200bPreparer", "x" * 71])
def test_a_name_is_one_that_people_can_read(staged: Any, name: str) -> None:
    """A name that does not show could pass for another person's."""
    stage, run_id = staged(FIRST)

    refused = stage.call("payout", "prepare", run_id, "--by", name, code=2)

    assert "visible characters" in refused


@pytest.mark.parametrize(
    "name", [PREPARER, PREPARER.upper(), f"  {PREPARER.replace(' ', '   ')} ", "ann"]
)
def test_nobody_approves_what_they_prepared(
    prepared: tuple[Stage, str, Path], name: str
) -> None:
    """Whatever the capitals and the spaces; a truly other name is another person."""
    stage, batch_id, folder = prepared
    before = entries(stage)

    if name == "ann":
        stage.approve(batch_id, by=name)
        return

    assert "another person" in stage.approve(batch_id, by=name, code=5)
    assert entries(stage) == before
    assert not (folder / "approval.json").exists()


def test_nobody_releases_what_they_prepared(prepared: tuple[Stage, str, Path]) -> None:
    """The approver may: two people have looked at it by then."""
    stage, batch_id, _ = prepared
    stage.approve(batch_id)

    refused = stage.release(batch_id, by=PREPARER.upper(), code=5)

    assert "another person" in refused
    assert stage.sent() == []
    stage.release(batch_id, by=APPROVER)
    assert len(stage.sent()) == 1


def test_nothing_is_released_without_an_approval(
    prepared: tuple[Stage, str, Path],
) -> None:
    """Nor after the file of it was taken away."""
    stage, batch_id, folder = prepared
    assert "not approved" in stage.release(batch_id, code=5)

    stage.approve(batch_id)
    (folder / "approval.json").unlink()

    assert "is not the approval" in stage.release(batch_id, code=5)
    assert stage.sent() == []
    assert stage.states()[P1] == "approved"


@pytest.mark.parametrize(
    "name", ["payout.xml", "payout.csv", "manifest.json", "approval.json"]
)
def test_one_changed_byte_voids_an_approval(
    prepared: tuple[Stage, str, Path], name: str
) -> None:
    """And the same bytes again make it valid: the approval is of bytes."""
    stage, batch_id, folder = prepared
    stage.approve(batch_id)
    content = (folder / name).read_bytes()
    changed = bytearray(content)
    changed[len(changed) // 2] ^= 1
    (folder / name).write_bytes(changed)

    assert stage.release(batch_id, code=5)
    assert stage.sent() == []

    (folder / name).write_bytes(content)
    stage.release(batch_id)
    assert len(stage.sent()) == 1


def test_a_changed_file_is_not_approved(prepared: tuple[Stage, str, Path]) -> None:
    """Not even when the manifest was changed to match."""
    stage, batch_id, folder = prepared
    path = folder / "payout.csv"
    path.write_bytes(path.read_bytes().replace(b"4000.00", b"9000.00"))

    assert "other bytes" in stage.approve(batch_id, code=5)
    (folder / "stranger.txt").write_text("")
    assert stage.approve(batch_id, code=5)


def test_a_batch_is_approved_by_one_person(prepared: tuple[Stage, str, Path]) -> None:
    """The same one again changes nothing; another one is told who it was."""
    stage, batch_id, folder = prepared
    stage.approve(batch_id)
    before, approval = entries(stage), (folder / "approval.json").read_bytes()

    again = stage.approve(batch_id, by=APPROVER.lower(), today="2019-09-01")

    assert (again["is_new"], again["approved_by"]) == (False, APPROVER)
    assert APPROVER in stage.approve(batch_id, by="Dora Other", code=5)
    assert entries(stage) == before
    assert (folder / "approval.json").read_bytes() == approval


def test_a_batch_is_released_once(prepared: tuple[Stage, str, Path]) -> None:
    """The same destination again is nothing to do, another one is refused."""
    stage, batch_id, _ = prepared
    stage.approve(batch_id)
    stage.release(batch_id)
    (sent,) = stage.sent()
    before, content = entries(stage), sent.read_bytes()
    sent.unlink()  # the bank takes it

    assert stage.release(batch_id)["is_new"] is False
    other = stage.root / "another bank"
    refused = stage.release(batch_id, "--to", str(other), code=5)

    assert "sent once" in refused
    assert not other.exists()
    assert stage.sent() == []
    assert entries(stage) == before
    assert content


LATE = [
    # (today, whether it is late): the last day is a Friday, 2019-09-27
    ("2019-09-26", False),
    ("2019-09-27", False),
    ("2019-09-28", True),  # the bank is closed, and pays on Monday
    ("2019-10-15", True),
]


@pytest.mark.parametrize(("today", "is_late"), LATE)
def test_late_is_refused_unless_a_reason_is_given(
    prepared: tuple[Stage, str, Path], today: str, *, is_late: bool
) -> None:
    """The reason is recorded; in time, none is needed."""
    stage, batch_id, _ = prepared
    stage.approve(batch_id)
    if not is_late:
        assert stage.release(batch_id, today=today)["paid_on"] == today
        return

    refused = stage.release(batch_id, today=today, code=5)
    assert "--late-reason" in refused
    assert "2019-09-27" in refused
    assert stage.sent() == []
    assert stage.release(batch_id, "--late-reason", " ", today=today, code=5)

    stage.release(batch_id, "--late-reason", "the bank was on strike", today=today)

    assert len(stage.sent()) == 1
    with stage.ledger().reading() as book:
        reasons = book.rows("select reason from entries where kind = 'release'")
    assert reasons == [{"reason": "the bank was on strike"}]


def test_a_late_batch_can_be_prepared_and_says_when_it_is_paid(staged: Any) -> None:
    """Whoever releases it has to give the reason."""
    stage, run_id = staged(FIRST)

    batch = stage.prepare(run_id, today="2019-10-12")  # a Saturday before a holiday

    assert batch["execution_date"] == "2019-10-15"
    stage.approve(batch["batch_id"])
    assert "2019-10-15" in stage.release(batch["batch_id"], today="2019-10-12", code=5)


@pytest.mark.parametrize(
    ("today", "execution_date"),
    [
        ("2019-08-20", "2019-08-22"),
        ("2019-08-30", "2019-09-04"),  # a weekend and Labor Day lie between
        ("2019-08-31", "2019-09-05"),
        ("2019-09-26", "2019-09-27"),  # the last day, never past it
        ("2019-09-27", "2019-09-27"),
    ],
)
def test_the_bank_is_asked_for_a_banking_day_in_time(
    staged: Any, today: str, execution_date: str
) -> None:
    """With time for people to approve and release, where there is some."""
    stage, run_id = staged(FIRST)

    assert stage.prepare(run_id, today=today)["execution_date"] == execution_date


def test_a_withdrawn_batch_is_never_sent_and_its_payments_are_owed_again(
    prepared: tuple[Stage, str, Path],
) -> None:
    """Withdrawing twice changes nothing; what was released stays."""
    stage, batch_id, _ = prepared
    stage.approve(batch_id)
    words = ("--by", "Dora Other", "--reason", "wrong payer")

    done = stage.call("payout", "withdraw", batch_id, *words)
    again = stage.call("payout", "withdraw", batch_id, *words)

    assert (done["payments"], again["payments"]) == (2, 0)
    listed = stage.call("payout", "list")
    assert listed["batches"][0]["state"] == "rejected"
    assert listed["payments"][0]["reason"] == "withdrawn by Dora Other: wrong payer"
    assert "withdrawn" in stage.approve(batch_id, by="Eve Third", code=5)
    assert "withdrawn" in stage.release(batch_id, code=5)
    assert stage.sent() == []
    run_id = listed["batches"][0]["run_id"]
    batch = stage.prepare(run_id)
    assert (batch["payments"], batch["total"]) == (2, "6000.00")
    stage.approve(batch["batch_id"])
    stage.release(batch["batch_id"])
    assert "was released" in stage.call(
        "payout", "withdraw", batch["batch_id"], *words, code=5
    )


def test_a_new_bank_account_waits_for_a_second_look(staged: Any) -> None:
    """Where the campaign wants one: by another person, with what was found."""
    stage, run_id = staged("2019-09-18 quiet")

    held = stage.prepare(run_id, "--dry-run", today="2019-08-28")["held"]
    assert held == [
        {"partner_id": P1, "amount": "4000.00", "reasons": ["account_changed"]}
    ]
    assert stage.prepare(run_id, "--dry-run", today="2019-08-29")["held"] == []
    check = ("--account-checked", P1, "--check-reason", "called the known number")
    for by in ((), ("--checked-by", PREPARER.lower())):
        assert "second look" in stage.prepare(run_id, *check, *by, code=2)

    batch = stage.prepare(run_id, *check, "--checked-by", RELEASER, today="2019-08-28")

    assert (batch["payments"], batch["held"]) == (2, [])
    with stage.ledger().reading() as book:
        (row,) = book.rows(
            "select facts from entries where kind = 'instruct' and partner_id = :one",
            one=P1,
        )
    assert '"checked_by":"Cleo Releaser"' in row["facts"]
    assert '"reason":"called the known number"' in row["facts"]


def test_an_account_that_changed_since_the_last_payment_waits(staged: Any) -> None:
    """However long ago, if the partner was paid to another one before."""
    stage, before, after = staged("2019-09-17 quiet", "2019-09-18 quiet")
    stage.prepare(before, today="2019-08-15")

    batch = stage.prepare(after, today="2019-12-31")

    assert batch["payments"] == 0
    assert batch["held"] == [
        {"partner_id": P1, "amount": "2000.00", "reasons": ["account_changed"]}
    ]


def test_without_the_term_new_accounts_are_paid(staged: Any) -> None:
    """The shipped campaign leaves it to the partners' portal."""
    stage, run_id = staged("2019-09-18")

    assert stage.prepare(run_id, today="2019-08-20")["held"] == []


def test_a_ledger_that_was_changed_pays_nothing(
    prepared: tuple[Stage, str, Path],
) -> None:
    """Its chain shows it, whoever could switch the triggers off."""
    stage, batch_id, _ = prepared
    stage.approve(batch_id)
    with stage.ledger().database.writing() as connection:
        connection.exec_driver_sql("drop trigger entries_no_update")
        connection.exec_driver_sql("update entries set who = 'Eve' where sequence = 1")

    assert "entry 1 was changed" in stage.release(batch_id, code=5)
    assert stage.sent() == []
    differences = stage.call("ledger", "verify", code=1)["differences"]
    assert differences == ["entry 1 was changed: its hash differs"]
    assert stage.call("verify", batch_id, code=1)["differences"] == differences


def test_a_folder_of_a_lost_ledger_is_not_paid_again(
    prepared: tuple[Stage, str, Path],
) -> None:
    """Who removes the ledger is stopped by the files that it made."""
    stage, _, _ = prepared
    run_id = stage.call("payout", "list")["batches"][0]["run_id"]
    for path in stage.home.glob("ledger.sqlite3*"):
        path.unlink()

    assert "restore the ledger" in stage.prepare(run_id, code=5)


def test_a_ledger_that_cannot_be_reached_is_said_in_a_sentence(staged: Any) -> None:
    """Without the password that its address holds."""
    stage, run_id = staged(FIRST)
    stage.ledger_url = "postgresql://me:secret@/ledger?host=/nowhere"

    refused = stage.prepare(run_id, code=5)

    assert "cannot be used" in refused
    assert "secret" not in refused
    stage.ledger_url = "mysql://me:secret@host/ledger"
    refused = stage.prepare(run_id, code=4)
    assert "CASHBACK_LEDGER_URL" in refused
    assert "secret" not in refused
