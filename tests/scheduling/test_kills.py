"""Workers and scheduler die in the middle of paying; it goes on, and pays once."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.ledger.ledger import Ledger
from pipelines.paths import SAMPLE_DIR
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import run
from tests.payout.answers import block, pain002, transaction
from tests.payout_flow.mail_server import Mailbox, mail_server
from tests.scheduling.airflow_place import AirflowPlace, running
from tests.scheduling.test_servers import (
    CLOSE,
    ENDED,
    answer,
    digests,
    questions,
    sent,
    start_close,
    wait_for,
    wait_for_question,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.servers

SETTLEMENT = "cashback_settlement"


class BusyMailbox(Mailbox):
    """Takes one mail, and lets the second one wait until it is told to go on."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.is_waiting, self.goes_on = threading.Event(), threading.Event()

    async def handle_DATA(self, *arguments: Any) -> str:  # noqa: N802 - the library's
        """Keep a message, in its time."""
        if any(self.folder.iterdir()) and not self.goes_on.is_set():
            self.is_waiting.set()
            await asyncio.to_thread(self.goes_on.wait)
            return "421 too late"
        return await super().handle_DATA(*arguments)


@pytest.fixture
def mailbox(tmp_path: Path) -> BusyMailbox:
    """Return where the mails to partners come in."""
    folder = tmp_path / "mails"
    folder.mkdir()
    return BusyMailbox(folder)


@pytest.fixture
def place(tmp_path: Path, mailbox: BusyMailbox) -> Iterator[AirflowPlace]:
    """Run an Airflow over the sample, without any night, and with a mail server."""
    with mail_server(mailbox) as port:
        mail = {
            "conn_type": "smtp",
            "host": "127.0.0.1",
            "port": port,
            "extra": {"security": "none", "sender": "incentives@example.com"},
        }
        more = {
            "CASHBACK_FIRST_NIGHT": "2019-08-15",
            "AIRFLOW_CONN_CASHBACK_MAIL": json.dumps(mail),
        }
        made = AirflowPlace(tmp_path, more=more)
        made.make()
        with running(made):
            yield made
        mailbox.goes_on.set()


def kill_while_running(
    place: AirflowPlace, run_id: str, task: str, dag: str = CLOSE
) -> None:
    """Kill every process once a task runs, and start all of them anew."""
    wait_for(place, run_id, task, {"running"}, dag)
    place.stop(signal.SIGKILL)
    place.start()


def test_who_is_killed_in_any_step_pays_once_and_tells_once(
    place: AirflowPlace, mailbox: BusyMailbox, tmp_path: Path
) -> None:
    """Each step is held in its middle, by the ledger or by whom it talks to."""
    ledger = Ledger.open(place.home)
    with contextlib.ExitStack() as held:
        held.enter_context(ledger.writing("2026-01-01T00:00:00Z", keep=False))
        run_id = start_close(place, asks=False)
        kill_while_running(place, run_id, "decide")
        kill_while_running(place, run_id, "prepare")
    wait_for_question(place, run_id, 0)
    (payment_file,) = (place.home / "payouts").rglob("payout.xml")
    run(RunRequest(str(SAMPLE_DIR), tmp_path / "other"), Progress())
    assert digests(place.home / "runs") == digests(tmp_path / "other" / "runs")

    place.stop(signal.SIGKILL)
    place.start()
    assert wait_for(place, run_id, "ask", {"awaiting_input", *ENDED}) not in ENDED

    # Who said yes, and was not heard to the end, is asked again.
    with ledger.writing("2026-01-01T00:00:00Z", keep=False):
        asked = questions(place)
        answer(place, run_id, "Approve", "bob")
        kill_while_running(place, run_id, "ask")
    wait_for_question(place, run_id, asked)

    with ledger.database.releasing():
        answer(place, run_id, "Approve", "bob")
        kill_while_running(place, run_id, "release")
        assert sent(place) == []
    assert wait_for(place, run_id, "release", ENDED) == "success"

    (file,) = sent(place)
    assert file.read_bytes() == payment_file.read_bytes()
    with ledger.reading() as book:
        kinds = [one["kind"] for one in book.rows("select kind from entries")]
    assert {kind: kinds.count(kind) for kind in ("approve", "release", "confirm")} == {
        "approve": 1,
        "release": 1,
        "confirm": 1,
    }

    place.wait(mailbox.is_waiting.is_set, "the second partner is being told")
    place.stop(signal.SIGKILL)
    mailbox.goes_on.set()
    place.start()
    assert wait_for(place, run_id, "notify", ENDED) == "success"
    # Whoever is not paid is told why, too.
    assert mailbox.told() == sorted(set(mailbox.told()))
    assert len(mailbox.told()) > kinds.count("instruct") > 1

    unpause_settlement(place)
    (answer_path := place.home / "inbox" / "answer.xml").parent.mkdir(exist_ok=True)
    answer_path.write_bytes(all_is_settled(ledger))
    with ledger.writing("2026-01-01T00:00:00Z", keep=False):
        settled = start_settlement(place)
        kill_while_running(place, settled, "take_in", SETTLEMENT)
    assert wait_for(place, settled, "take_in", ENDED, SETTLEMENT) == "success"
    with ledger.reading() as book:
        states = [one["state"] for one in book.rows("select state from payments")]
        kinds = [one["kind"] for one in book.rows("select kind from entries")]
    assert set(states) == {"settled"}
    assert kinds.count("settle") == len(states)


def unpause_settlement(place: AirflowPlace) -> None:
    """Let the run of this hour pass, so that it is in nobody's way."""
    place.patch(f"dags/{SETTLEMENT}", {"is_paused": False}, "ann")

    def has_passed() -> bool:
        runs = place.get(f"dags/{SETTLEMENT}/dagRuns")["dag_runs"]
        return bool(runs) and all(one["state"] in ENDED for one in runs)

    place.wait(has_passed, "the run of this hour has ended")


def start_settlement(place: AirflowPlace) -> str:
    """Let the bank's answers be taken in; return the run."""
    body = {"logical_date": None}
    run_id: str = place.post(f"dags/{SETTLEMENT}/dagRuns", body)["dag_run_id"]
    return run_id


def all_is_settled(ledger: Ledger) -> bytes:
    """Return what the bank says once it has made every payment of the batch."""
    with ledger.reading() as book:
        (batch,) = book.rows("select message_id from batches")
        payments = book.rows("select end_to_end_id from payments")
    lines = [transaction(one["end_to_end_id"], "ACSC") for one in payments]
    name = batch["message_id"]
    return pain002(block(*lines, message_id=name), message_id=name)
