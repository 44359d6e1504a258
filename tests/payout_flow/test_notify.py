"""Partners are told by mail, once each, whatever breaks on the way (F5)."""

from __future__ import annotations

import csv
import functools
import io
import itertools
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.errors import DestinationError
from pipelines.payout.destination import Destination
from pipelines.payout.notify import NotifyRequest, notify
from pipelines.settings import load_settings
from tests.payout.answers import pain002
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
from tests.payout_flow.test_import_status import told

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


def tell(stage: Stage, batch_id: str, *more: str, code: int = 0, **given: Any) -> Any:
    """Give the command."""
    return stage.call("payout", "notify", batch_id, *more, code=code, **given)


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
    assert names == [f"statement-{P1}.eml", f"statement-{P2}.eml"]
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
        refused = tell(stage, batch_id, code=4)
        assert "it said 535" in refused
        assert "not the mail password" not in refused

        monkeypatch.setenv("CASHBACK_MAIL_PASSWORD", PASSWORD)
        assert tell(stage, batch_id)["sent"] == [P1, P2]
    assert len(mailbox.messages()) == 2


def test_killed_at_any_step_each_partner_is_told(
    released: tuple[Stage, str], server: Mailbox
) -> None:
    """Only the mail that was on its way may come twice: the same bytes, the same id.

    Before and after each commit, and before each word of the talk with the server.
    """
    base, batch_id = released
    for step in itertools.count(1):
        stage = Stage(base.root, None, f"home {step}")
        shutil.copytree(base.home, stage.home)
        shutil.rmtree(server.folder)
        server.folder.mkdir()

        work = functools.partial(tell, stage, batch_id)
        killed = killed_at(step, stage.root, work, files=False, talk=True)
        again = tell(stage, batch_id, today="2019-08-21")

        mails: dict[str, set[bytes]] = {}
        for message in server.messages():
            mails.setdefault(message["To"], set()).add(message.as_bytes())
        assert sorted(mails) == [ADDRESSES[P1], ADDRESSES[P2]]
        if again["repeated"]:
            assert all(len(of_one) == 1 for of_one in mails.values())
        assert len(server.messages()) - 2 in {0, len(again["repeated"])}
        if not killed:
            break
    assert step > 20


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
    assert {path.name for path in folder.iterdir()} == {"manifest.json"} | {
        f"statement-{partner}.{kind}"
        for partner in (P1, P2)
        for kind in ("html", "csv")
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


def test_who_has_no_address_is_reported_and_the_others_are_told(
    staged: Any, server: Mailbox
) -> None:
    """And no sender of data decides where a header ends, or what a cell computes."""
    stage, run_id = staged("2019-09-20")
    batch_id = sent_batch(stage, run_id)

    told = tell(stage, batch_id, code=3)

    assert told["sent"] == [P3]
    assert told["not_told"] == {
        P1: "its ContactEmail is no mail address",
        P2: "partners lists no mail address for it",
    }
    (message,) = server.messages()
    assert message["To"] == "zoe@xn--bcher-kva.example"
    assert message["Bcc"] is None
    assert "eve" not in str(message.items())
    assert "Bücher & Söhne" in message.get_body(("plain",)).get_content()
    page, table = (part.get_payload(decode=True) for part in message.iter_attachments())
    assert "Bücher &amp; Söhne" in page.decode()
    (row,) = csv.DictReader(io.StringIO(table.decode(), newline=""))
    assert row["partner_name"].startswith("'=Bücher")
    assert row["customer_name"] == "'@SUM(A1)\rLtd"


def test_a_name_in_the_settings_ends_no_header(
    released: tuple[Stage, str], server: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does one that is not of this alphabet get lost."""
    stage, batch_id = released
    name = "Größe & Co\r\nBcc: eve@evil.example"
    (stage.home / "settings.yaml").write_text(
        f"payer: {{name: {name!a}}}\n".replace("'", '"')
    )

    tell(stage, batch_id)

    for message in server.messages():
        assert message["Bcc"] is None
        assert "Größe & Co" in str(message["From"])


def test_what_is_sent_is_what_was_sealed(
    released: tuple[Stage, str], server: Mailbox
) -> None:
    """To the byte; and verify knows of every byte of it."""
    stage, batch_id = released

    tell(stage, batch_id)

    folder = stage.home / "statements" / "d365-smb-2019" / batch_id
    for partner, message in zip((P1, P2), server.messages(), strict=True):
        for part in message.iter_attachments():
            kept = folder / f"statement-{partner}.{part.get_content_subtype()}"
            assert part.get_filename() == kept.name
            assert part.get_payload(decode=True) == kept.read_bytes()
    assert stage.call("verify", batch_id)["differences"] == []
    (folder / f"statement-{P1}.csv").write_text("other")
    (difference,) = stage.call("verify", batch_id, code=1)["differences"]
    assert f"statement-{P1}.csv has other bytes" in difference
    assert "changed since" in tell(stage, batch_id, code=1)


def test_a_statement_before_the_release_is_a_draft(staged: Any) -> None:
    """It says so, and has no place in the home."""
    stage, run_id = staged(FIRST)
    batch_id = stage.prepare(run_id)["batch_id"]
    words = ("payout", "statements", batch_id)
    out = stage.root / "drafts"

    assert "say with --out" in stage.call(*words, code=2, today=None)
    stage.call(*words, "--out", str(out), today=None)
    tell(stage, batch_id, "--dry-run", str(out))

    assert "Draft." in (out / f"statement-{P1}.html").read_text()
    assert f"DRAFT {batch_id}" in (out / f"statement-{P1}.csv").read_text()
    assert b"Subject: DRAFT" in (out / f"statement-{P1}.eml").read_bytes()
    assert not (stage.home / "statements").exists()


def test_a_later_batch_tells_whom_it_is_news_to(staged: Any, server: Mailbox) -> None:
    """Nobody hears twice that nothing has changed."""
    stage, first, second = staged(FIRST, "2019-08-23")
    tell(stage, sent_batch(stage, first))
    batch_id = sent_batch(stage, second)

    told = tell(stage, batch_id)

    # The second partner has the same customer as before, and was paid for it.
    assert (told["sent"], told["nothing_new"]) == ([P1, P3], [P2])
    text = server.messages()[2].get_body(("plain",)).get_content()
    assert "a payment of 2000.00 USD" in text
    assert "6000.00 USD in all" in text
    assert "4000.00 USD of it was paid before" in text


def test_whose_payment_came_back_is_not_told_of_it(
    released: tuple[Stage, str], server: Mailbox
) -> None:
    """The next batch pays it, and tells it then."""
    stage, batch_id = released
    told(stage, pain002(status="RJCT", reason="AC04"))
    back = {partner for partner, state in stage.states().items() if state == "rejected"}

    summary = tell(stage, batch_id, code=3)

    assert back
    assert set(summary["not_told"]) == back
    assert set(summary["sent"]) == {P1, P2} - back


def test_a_release_that_broke_off_is_told_nobody(
    staged: Any, server: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bank may not have it."""
    stage, run_id = staged(FIRST)
    batch_id = stage.prepare(run_id)["batch_id"]
    stage.approve(batch_id)

    def fail(*_: Any) -> None:
        raise DestinationError("the line is down")

    monkeypatch.setattr(Destination, "finish", fail)
    stage.release(batch_id, code=3)

    assert "broke off" in tell(stage, batch_id, code=5)
    assert server.messages() == []


def test_a_connection_is_not_asked_too_much(
    released: tuple[Stage, str], server: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Servers hang up on who says too much: in between one says goodbye."""
    stage, batch_id = released
    monkeypatch.setattr("pipelines.payout.mail.MESSAGES_A_CONNECTION", 1)

    assert tell(stage, batch_id)["sent"] == [P1, P2]
    assert server.goodbyes == 2


def test_a_server_without_starttls_is_a_wrong_setting(
    released: tuple[Stage, str], server: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing goes out in the clear because a server asks for it."""
    stage, batch_id = released
    monkeypatch.setenv("CASHBACK_MAIL_SECURITY", "starttls")

    assert "mail.security" in tell(stage, batch_id, code=4)
    assert server.messages() == []


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    released: tuple[Stage, str], mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It could be anybody's server, and would see the password."""
    stage, batch_id = released
    with mail_server(mailbox, certificate(stage.root)) as port:
        monkeypatch.setenv("CASHBACK_MAIL_HOST", "localhost")
        monkeypatch.setenv("CASHBACK_MAIL_PORT", str(port))
        monkeypatch.setenv("CASHBACK_MAIL_USER", USER)
        monkeypatch.setenv("CASHBACK_MAIL_PASSWORD", PASSWORD)

        refused = tell(stage, batch_id, code=3)

    assert PASSWORD not in refused
    assert mailbox.messages() == []
