"""A real scheduler, from the first click to the file at the bank."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil
import signal
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.ledger.ledger import Ledger
from pipelines.paths import SAMPLE_DIR
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import run
from tests.scheduling.airflow_place import AirflowPlace, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.servers

CLOSE = "cashback_campaign_close"
NIGHTLY = "cashback_nightly"
LATE = "the sample's last day is long past"
ENDED = {"success", "failed"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowPlace]:
    """Run an Airflow over a copy of the sample; its last two nights are caught up."""
    root = tmp_path_factory.mktemp("servers")
    shutil.copytree(SAMPLE_DIR, root / "source")
    source = {"conn_type": "fs", "extra": {"path": str(root / "source")}}
    more = {
        "CASHBACK_FIRST_NIGHT": "2019-08-14",
        "AIRFLOW_CONN_CASHBACK_SOURCE": json.dumps(source),
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(
            {"type": "file", "log_file_path": str(root / "lineage"), "append": True}
        ),
    }
    made = AirflowPlace(root, more=more)
    made.make()
    with running(made):
        yield made


def start_close(place: AirflowPlace, user: str = "ann", *, asks: bool = True) -> str:
    """Start the close as a user; return the run, once it waits for an answer."""
    place.patch(f"dags/{CLOSE}", {"is_paused": False}, user)
    body = {"logical_date": None, "conf": {"late_reason": LATE}}
    asked = questions(place)
    run_id: str = place.post(f"dags/{CLOSE}/dagRuns", body, user)["dag_run_id"]
    if asks:
        wait_for_question(place, run_id, asked)
    return run_id


def questions(place: AirflowPlace) -> int:
    """Return how often the scheduler has seen a question to wait for."""
    return len(re.findall("task_id=ask,.* state=awaiting_input", log_of(place)))


def log_of(place: AirflowPlace) -> str:
    """Return what the servers have said so far."""
    return (place.root / "standalone.log").read_text(errors="replace")


def wait_for_question(place: AirflowPlace, run_id: str, asked: int) -> None:
    """Wait until a question is there, and the scheduler knows it.

    A person needs longer than that; to a faster answer, Airflow asks once more.
    """
    wait_for(place, run_id, "ask", {"awaiting_input"})
    place.wait(lambda: questions(place) > asked, "the scheduler knows the question")


def wait_for(
    place: AirflowPlace, run_id: str, task: str, states: set[str], dag: str = CLOSE
) -> str:
    """Wait until a task is in one of some states; return which."""

    def state() -> str | None:
        found = place.get(f"dags/{dag}/dagRuns/{run_id}/taskInstances/{task}")
        return found["state"] if found["state"] in states else None

    reached: str = place.wait(state, f"{task} is {states}")
    return reached


def answer(place: AirflowPlace, run_id: str, option: str, user: str) -> None:
    """Answer the question as a user does on the page."""
    place.patch(
        f"dags/{CLOSE}/dagRuns/{run_id}/taskInstances/ask/-1/hitlDetails",
        {"chosen_options": [option], "params_input": {}},
        user,
    )


def sent(place: AirflowPlace) -> list[Path]:
    """Return the payment files that the bank can see."""
    return sorted((place.home / "outbox").rglob("payout.xml"))


def ask_again(place: AirflowPlace, run_id: str) -> None:
    """Clear the question and what comes after it, once the run has ended."""
    run = f"dags/{CLOSE}/dagRuns/{run_id}"
    place.wait(lambda: place.get(run)["state"] in ENDED, "the run has ended")
    asked = questions(place)
    place.post(
        f"dags/{CLOSE}/clearTaskInstances",
        {
            "dag_run_id": run_id,
            "task_ids": ["ask"],
            "include_downstream": True,
            "only_failed": False,
            "reset_dag_runs": True,
            "dry_run": False,
        },
    )
    wait_for_question(place, run_id, asked)


def test_a_campaign_is_paid_once_and_by_two_people(place: AirflowPlace) -> None:
    """Rejected, nothing goes out; nor approved by who started it; then it goes."""
    run_id = start_close(place)
    shown = place.get(f"dags/{CLOSE}/dagRuns/{run_id}/taskInstances/ask/-1/hitlDetails")
    (payment_file,) = (place.home / "payouts").rglob("payout.xml")
    assert "166,000.00 USD" in shown["subject"]
    assert hashlib.sha256(payment_file.read_bytes()).hexdigest() in shown["body"]

    answer(place, run_id, "Approve", "ann")
    assert wait_for(place, run_id, "ask", ENDED) == "failed"
    assert sent(place) == []

    ask_again(place, run_id)
    answer(place, run_id, "Reject", "bob")
    assert wait_for(place, run_id, "release", {"skipped", *ENDED}) == "skipped"
    assert sent(place) == []

    ask_again(place, run_id)
    answer(place, run_id, "Approve", "bob")
    assert wait_for(place, run_id, "release", ENDED) == "success"
    (file,) = sent(place)
    assert file.read_bytes() == payment_file.read_bytes()
    assert wait_for(place, run_id, "notify", {"skipped", *ENDED}) == "skipped"
    # The sample's days to pay are long past: each of its three alerts has looked.
    place.wait(lambda: log_of(place).count("payment_deadline_looked_at") == 3, "looked")


def test_a_scheduler_that_is_killed_goes_on_where_it_was(place: AirflowPlace) -> None:
    """Nights come to the bytes of the command line; nothing is paid anew."""
    batches = sent(place)
    place.patch(f"dags/{NIGHTLY}", {"is_paused": False}, "ann")
    place.wait(lambda: nights(place, "running"), "a night has begun")

    place.stop(signal.SIGKILL)
    place.start()

    catch_up(place)
    check_nights(place)
    assert sent(place) == batches


def catch_up(place: AirflowPlace) -> None:
    """Wait until both nights are green, begun before or not."""
    place.patch(f"dags/{NIGHTLY}", {"is_paused": False}, "ann")
    place.wait(lambda: len(nights(place, "success")) == 2, "both nights are green")


def nights(place: AirflowPlace, state: str) -> list[dict[str, Any]]:
    """Return the nights in a state."""
    found: list[dict[str, Any]] = place.get(f"dags/{NIGHTLY}/dagRuns?state={state}")[
        "dag_runs"
    ]
    return found


def check_nights(place: AirflowPlace) -> None:
    """Hold the runs of both nights against those of the command line."""
    other = place.root / "other home"
    for night in (dt.date(2019, 8, 14), dt.date(2019, 8, 15)):
        run(RunRequest(str(SAMPLE_DIR), other, known_at=night), Progress())
    expected = digests(other / "runs")
    found = digests(place.home / "runs")
    assert {name: found.get(name) for name in expected} == expected


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file under a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_backfill_changes_nothing_that_was(place: AirflowPlace) -> None:
    """The same nights again: the same bytes, and the released batch as it was."""
    catch_up(place)
    before = digests(place.home / "runs"), digests(place.home / "payouts")
    rows = entries(place)

    backfill(place)

    assert (digests(place.home / "runs"), digests(place.home / "payouts")) == before
    assert entries(place) == rows


def test_a_backfill_with_late_data_makes_runs_beside(place: AirflowPlace) -> None:
    """One more for each night; what was stays, and so does the released batch."""
    catch_up(place)
    runs, rows = digests(place.home / "runs"), entries(place)
    batch = digests(place.home / "payouts")
    partners = place.root / "source" / "partners"
    shutil.copytree(partners / "2019-07-08", partners / "2019-08-14")

    backfill(place)

    now = digests(place.home / "runs")
    assert now.items() >= runs.items()
    assert len(run_ids(now)) == len(run_ids(runs)) + 2
    assert digests(place.home / "payouts") == batch
    assert entries(place) == rows


def test_lineage_is_told_where_a_setting_says_so(place: AirflowPlace) -> None:
    """Each task as OpenLineage has it, without a change to any DAG."""
    told = (place.root / "lineage").read_text("utf-8").splitlines()
    names = {json.loads(line)["job"]["name"] for line in told}

    assert {f"{NIGHTLY}.decide", f"{CLOSE}.release"} <= names


def run_ids(files: dict[str, str]) -> set[str]:
    """Return the runs that files belong to."""
    return {name.split("/")[2] for name in files}


def backfill(place: AirflowPlace) -> None:
    """Let both nights run again, and wait until they are green."""
    place.airflow_again(
        *("backfill", "create", "--dag-id", NIGHTLY),
        *("--from-date", "2019-08-14", "--to-date", "2019-08-16"),
        *("--reprocess-behavior", "completed", "--max-active-runs", "1"),
    )

    def is_over() -> bool:
        found = place.get(f"backfills?dag_id={NIGHTLY}")["backfills"]
        return all(one["completed_at"] for one in found)

    place.wait(is_over, "the backfill has ended")
    assert len(nights(place, "success")) == 2


def entries(place: AirflowPlace) -> list[dict[str, Any]]:
    """Return all that the ledger holds."""
    with Ledger.open(place.home).reading() as book:
        return book.rows("select * from entries order by sequence")
