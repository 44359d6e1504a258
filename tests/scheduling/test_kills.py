"""Workers and scheduler die in the middle of paying; it goes on, and pays once."""

from __future__ import annotations

import contextlib
import signal
from typing import TYPE_CHECKING

import pytest

from pipelines.ledger.ledger import Ledger
from tests.scheduling.airflow_place import AirflowPlace, running
from tests.scheduling.test_servers import (
    ENDED,
    answer,
    sent,
    start_close,
    wait_for,
    wait_for_question,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.servers


@pytest.fixture
def place(tmp_path: Path) -> Iterator[AirflowPlace]:
    """Run an Airflow over the sample, without any night."""
    made = AirflowPlace(tmp_path, more={"CASHBACK_FIRST_NIGHT": "2019-08-15"})
    made.make()
    with running(made):
        yield made


def kill_while_running(place: AirflowPlace, run_id: str, task: str) -> None:
    """Kill every process once a task runs, and start all of them anew."""
    wait_for(place, run_id, task, {"running"})
    place.stop(signal.SIGKILL)
    place.start()


def test_who_is_killed_while_it_prepares_or_releases_pays_once(
    place: AirflowPlace,
) -> None:
    """Each step is held in its middle by a lock of the ledger, until it is killed."""
    ledger = Ledger.open(place.home)
    with contextlib.ExitStack() as held:
        held.enter_context(ledger.writing("2026-01-01T00:00:00Z", keep=False))
        run_id = start_close(place, asks=False)
        kill_while_running(place, run_id, "prepare")
    wait_for_question(place, run_id, 0)
    (payment_file,) = (place.home / "payouts").rglob("payout.xml")

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
