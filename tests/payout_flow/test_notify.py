"""Partners are told by mail, once each, whatever breaks on the way (F5)."""

from __future__ import annotations

import csv
import functools
import io
import itertools
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.payout.notify import NotifyRequest, notify
from pipelines.settings import load_settings
from tests.payout_flow.killing import at_once, killed_at
from tests.payout_flow.mail_server import (
    PASSWORD,
    USER,
    Mailbox,
    certificate,
    mail_server,
)
from tests.payout_flow.runs import P1, P2, P3
from tests.payout_flow.stage import IBANS, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST = "2019-08-16"
ADDRESSES = {P1: "p1@partner.example", P2: "p2@partner.example"}


@pytest.fixture
def released(staged: Any) -> tuple[Stage, str]:
    """Return a home with a released batch, whose two partners have addresses."""
    stage, run_id = staged(FIRST)
    return stage, sent_batch(stage, run_id)


def sent_batch(stage: Stage, run_id: str) -> str:
    """Prepare, approve and release a run; return the batch."""
    batch_id: str = stage.prepare(run_id)["batch_id"]
    stage.approve(batch_id)
    stage.release(batch_id)
    return batch_id


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    """Return an empty mailbox."""
    folder = tmp_path / "mailbox"
    folder.mkdir()
    return Mailbox(folder)


@pytest.fixture
def server(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """Run a mail server that the settings name."""
    with mail_server(mailbox) as port:
        monkeypatch.setenv("CASHBACK_MAIL_HOST", "127.0.0.1")
        monkeypatch.setenv("CASHBACK_MAIL_PORT", str(port))
        monkeypatch.setenv("CASHBACK_MAIL_SECURITY", "none")
        yield mailbox


def tell(stage: Stage, batch_id: str, *more: str, code: int = 0) -> Any:
    """Give the command."""
    return stage.call("payout", "notify", batch_id, *more, code=code)


def test_each_partner_gets_its_own_statement_once(
    released: tuple[Stage, str], server: Mailbox
) -> None:
    """With what it earned, when it is paid, and nothing about anybody else."""
    stage, batch_id = released

    first = tell(stage, batch_id)
    again = tell(stage, batch_id)

    assert (first["sent"], first["not_told"]) == ([P1, P2], {})
    assert (again["sent"], again["sent_before"]) == ([], [P1, P2])
    assert server.told() == [ADDRESSES[P1], ADDRESSES[P2]]
    mine, theirs = server.messages()
    text = mine.get_body(("plain",)).get_content()
    assert "4000.00 USD" in text
    assert IBANS[P1][-4:] in text
    page, table = (part.get_content() for part in mine.iter_attachments())
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["decision"] for row in rows] == ["qualified", "qualified"]
    assert {row["pay_by"] for row in rows} == {"2019-09-27"}
    for row in rows:
        assert row["customer_id"] in page
        assert row["customer_id"] not in theirs.as_string()
    for other in (P2, "Partner 2", ADDRESSES[P2], IBANS[P2][-4:]):
        assert other not in mine.as_string()
    for iban in IBANS.values():
        assert iban[:-4] not in mine.as_string()


def test_what_is_missing_is_said_with_a_cure(staged: Any, server: Mailbox) -> None:
    """A partner that is held learns what to do, though the batch pays it nothing."""
    stage, run_id = staged("2019-09-16")
    batch_id = sent_batch(stage, run_id)

    told = tell(stage, batch_id)

    assert told["sent"] == [P1, P2, P3]
    held = server.messages()[1].get_body(("plain",)).get_content()
    assert "This batch pays you nothing." in held
    assert "Complete your tax profile." in held


def test_it_is_for_released_batches_alone(staged: Any, server: Mailbox) -> None:
    """Nobody is told of money that may never be sent."""
    stage, run_id = staged(FIRST)
    batch_id = stage.prepare(run_id)["batch_id"]

    assert "is not released" in tell(stage, batch_id, code=5)
    assert server.messages() == []


def test_a_dry_run_writes_mails_and_sends_none(
    released: tuple[Stage, str], server: Mailbox
) -> None:
    """The same bytes each time, and nothing is recorded."""
    stage, batch_id = released
    one, two = stage.root / "one", stage.root / "two"

    tell(stage, batch_id, "--dry-run", str(one))
    tell(stage, batch_id, "--dry-run", str(two))

    names = sorted(path.name for path in one.iterdir())
    assert names == [f"{P1}.eml", f"{P2}.eml"]
    for name in names:
        assert (one / name).read_bytes() == (two / name).read_bytes()
    assert server.messages() == []
    assert tell(stage, batch_id)["sent"] == [P1, P2]


def test_without_a_server_it_says_what_to_set(released: tuple[Stage, str]) -> None:
    """The samples name none, so that nothing is sent by chance."""
    stage, batch_id = released

    assert "CASHBACK_MAIL_HOST" in tell(stage, batch_id, code=4)


def test_whom_the_server_does_not_know_is_reported_and_the_others_are_told(
    released: tuple[Stage, str], server: Mailbox
) -> None:
    """Once the address works, the same command tells the rest."""
    stage, batch_id = released
    server.refused = {ADDRESSES[P1]}

    summary = tell(stage, batch_id, code=3)

    assert summary["sent"] == [P2]
    assert summary["not_told"] == {P1: "550 5.1.1 (the address) unknown here"}
    server.refused = set()
    assert tell(stage, batch_id)["sent"] == [P1]
    assert server.told() == [ADDRESSES[P1], ADDRESSES[P2]]


def test_a_server_that_hangs_up_is_gone_on_with(
    released: tuple[Stage, str], server: Mailbox
) -> None:
    """Who was told is not told again; the mail that broke off is named."""
    stage, batch_id = released
    server.gone_after = 1

    refused = tell(stage, batch_id, code=3)

    assert "the mail server 127.0.0.1" in refused
    assert "go on where it stopped" in refused
    server.gone_after = None
    again = tell(stage, batch_id)
    assert (again["sent"], again["repeated"]) == ([P2], [P2])
    assert server.told() == [ADDRESSES[P1], ADDRESSES[P2]]


def test_a_server_that_is_not_there_loses_nothing(
    released: tuple[Stage, str], mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence, and nothing was recorded."""
    stage, batch_id = released
    with mail_server(mailbox) as port:
        pass  # its port is now nobody's
    monkeypatch.setenv("CASHBACK_MAIL_HOST", "127.0.0.1")
    monkeypatch.setenv("CASHBACK_MAIL_PORT", str(port))
    monkeypatch.setenv("CASHBACK_MAIL_SECURITY", "none")

    assert "Connection refused" in tell(stage, batch_id, code=3)
    with stage.ledger().reading() as book:
        assert book.rows("select * from notices") == []


def test_it_logs_in_behind_starttls_and_the_password_stays_secret(
    released: tuple[Stage, str], mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong password is one sentence that does not hold it."""
    stage, batch_id = released
    trusted = certificate(stage.root)
    with mail_server(mailbox, trusted) as port:
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        monkeypatch.setenv("CASHBACK_MAIL_HOST", "localhost")
        monkeypatch.setenv("CASHBACK_MAIL_PORT", str(port))
        monkeypatch.setenv("CASHBACK_MAIL_USER", USER)
        monkeypatch.setenv("CASHBACK_MAIL_PASSWORD", "not the mail password")
        refused = tell(stage, batch_id, code=3)
        assert "it said 535" in refused
        assert "not the mail password" not in refused

        monkeypatch.setenv("CASHBACK_MAIL_PASSWORD", PASSWORD)
        assert tell(stage, batch_id)["sent"] == [P1, P2]
    assert len(mailbox.messages()) == 2


def test_killed_at_any_step_each_partner_is_told(
    released: tuple[Stage, str], server: Mailbox
) -> None:
    """Only the mail that was on its way may come twice, under one Message-ID."""
    base, batch_id = released
    for step in itertools.count(1):
        stage = Stage(base.root, None, f"home {step}")
        shutil.copytree(base.home, stage.home)
        shutil.rmtree(server.folder)
        server.folder.mkdir()

        work = functools.partial(tell, stage, batch_id)
        killed = killed_at(step, stage.root, work, files=False)
        again = tell(stage, batch_id)

        ids = {}
        for message in server.messages():
            ids.setdefault(str(message["To"]), set()).add(message["Message-ID"])
        assert sorted(ids) == [ADDRESSES[P1], ADDRESSES[P2]]
        assert all(len(of_one) == 1 for of_one in ids.values())
        assert len(server.messages()) - 2 in {0, len(again["repeated"])}
        if not killed:
            break
    assert step > 6


def test_two_at_once_tell_each_partner_once(
    released: tuple[Stage, str], server: Mailbox
) -> None:
    """The second one waits, and finds it done."""
    stage, batch_id = released

    at_once(2, lambda _: tell(stage, batch_id))

    assert server.told() == [ADDRESSES[P1], ADDRESSES[P2]]


def test_the_database_refuses_a_second_mail(
    released: tuple[Stage, str], ledger_url: str
) -> None:
    """Whoever writes to it: also on PostgreSQL."""
    from pipelines.errors import LedgerError
    from pipelines.ledger.ledger import Ledger
    from pipelines.ledger.notices import record_notice

    ledger = Ledger.open(released[0].home, ledger_url)
    with ledger.writing("2019-09-02T00:00:00Z") as book:
        record_notice(book, "b", "p", "sent", "<1@x>")

    with (
        pytest.raises(LedgerError, match="refuses it"),
        ledger.writing("2019-09-02T00:00:00Z") as book,
    ):
        record_notice(book, "b", "p", "sent", "<1@x>")


def test_statements_can_be_written_without_any_mail(
    released: tuple[Stage, str],
) -> None:
    """They lie beside the batch, which stays as it was sealed."""
    stage, batch_id = released

    summary = stage.call("payout", "statements", batch_id, today=None)

    folder = stage.home / "statements" / "d365-smb-2019" / batch_id
    assert summary["path"] == str(folder)
    assert {path.name for path in folder.iterdir()} == {
        f"{partner}.{kind}" for partner in (P1, P2) for kind in ("html", "csv")
    }
    assert stage.call("verify", batch_id)["differences"] == []


def test_notify_is_one_plain_call(released: tuple[Stage, str], server: Mailbox) -> None:
    """A scheduler needs no command line."""
    from pipelines.clock import moment

    stage, batch_id = released
    settings = load_settings(stage.home)
    told = notify(
        NotifyRequest(stage.home, batch_id, moment(None, settings.bank), settings)
    )

    assert told.sent == [P1, P2]
