"""What each task of ``dags/`` runs: a step, told to the scheduler in its words.

Imported when a task runs, never when a DAG is read: steps import much.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk.exceptions import AirflowSkipException

from pipelines.scheduling import close, nightly, settlement
from pipelines.scheduling.airflow_tasks import (
    BATCHES,
    RUNS,
    chosen_campaign,
    started_by,
    tell,
    tell_nothing,
    tell_received,
    this_run,
)
from pipelines.scheduling.asked import remember_question, remembered_question
from pipelines.scheduling.surroundings import Surroundings, surroundings

Facts = dict[str, Any]


def receive(feed: str, known_at: str) -> Facts:
    """Land and type one feed; skip the night before its first delivery."""
    facts = nightly.receive(surroundings(), feed, known_at)
    if facts is None and nightly.is_needed(feed):
        message = f"nothing of {feed} is delivered yet"
        raise AirflowSkipException(message)
    if facts is None:
        tell_nothing()
        return {"feed": feed, "files": 0}
    tell_received(feed, facts)
    return facts


def judge(known_at: str) -> Facts:
    """Judge all feeds."""
    return nightly.judge(surroundings(), known_at)


def decide(known_at: str) -> Facts:
    """Decide and publish the run of a night."""
    decided = nightly.decide(surroundings(), known_at)
    tell(RUNS, decided)
    return decided


def standing(decided: Facts) -> Facts:
    """Write where each partner stands."""
    return nightly.tell_standing(surroundings(), decided)


def is_ready() -> bool:
    """Return whether the campaign can be closed."""
    place = _paid()
    return close.is_ready(place, place.moment().today)


def decide_finally() -> Facts:
    """Decide and publish the final run."""
    decided = close.decide(_paid())
    tell(RUNS, decided)
    return decided


def prepare(decided: Facts) -> Facts:
    """Prepare a batch; skip the rest if nothing is owed."""
    prepared = close.prepare_batch(_paid(), decided["run_id"], started_by())
    if prepared["batch_id"] is None:
        message = "nothing is owed"
        raise AirflowSkipException(message)
    tell(BATCHES, prepared)
    return prepared


def asked(prepared: Facts) -> Facts:
    """Return what a person is asked about, as the ledger has it; remember it."""
    place = _paid()
    facts = close.asked_about(place, prepared["batch_id"])
    remember_question(place.home, this_run(), facts)
    return facts


def approve(answer: Facts) -> Facts:
    """Record a person's approval of what this run has asked about."""
    place = _paid()
    asked_about = remembered_question(place.home, this_run())
    return close.approve_batch(place, asked_about, answer, started_by())


def release(approved: Facts | None, late_reason: str | None) -> Facts:
    """Send the batch to the bank."""
    released = close.release_batch(_paid(), approved, late_reason)
    tell(BATCHES, released)
    return released


def notify(released: Facts) -> Facts:
    """Tell the partners; skip it where no mail server is set."""
    told = close.tell_partners(_paid(), released["batch_id"])
    if told is None:
        message = "no mail server is set: make the connection cashback_mail"
        raise AirflowSkipException(message)
    return told


def collect() -> list[str]:
    """Copy the bank's answers home."""
    return settlement.collect(surroundings())


def take_in(names: list[str]) -> Facts:
    """Record the bank's answers."""
    imported = settlement.take_in(surroundings(), names)
    if imported["new_files"]:
        tell(BATCHES, imported)
    else:
        tell_nothing()
    return imported


def alarm(imported: Facts) -> Facts:
    """Fail on what a person has to look at."""
    return settlement.alarm(surroundings(), imported)


def _paid() -> Surroundings:
    """Return where the campaign is paid that this run is of."""
    return surroundings(chosen_campaign())
