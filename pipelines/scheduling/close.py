"""The steps at a campaign's end: wait, decide, prepare, approve, release, tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines import engine
from pipelines.campaign import load_campaign
from pipelines.errors import DestinationError, LedgerError
from pipelines.files import working_folder
from pipelines.ledger.entries import person_key
from pipelines.ledger.ledger import Ledger
from pipelines.money import shown
from pipelines.payout.approve import approve
from pipelines.payout.batch_files import PAYMENT_FILE
from pipelines.payout.batches import find_batch
from pipelines.payout.notify import NotifyRequest, notify
from pipelines.payout.prepare import PrepareRequest, prepare
from pipelines.payout.release import ReleaseRequest, release
from pipelines.payout.states import list_payouts
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import run
from pipelines.scheduling.batch_facts import facts_of, named
from pipelines.scheduling.nightly import received_files
from pipelines.spark.place import place_that_is_set

if TYPE_CHECKING:
    import datetime as dt

    from pipelines.ledger.ledger import Book
    from pipelines.payout.batches import Batch
    from pipelines.scheduling.surroundings import Surroundings

Facts = dict[str, Any]
APPROVE = "Approve"
AWAITS_RELEASE = ("prepared", "approved")


def is_ready(place: Surroundings, today: dt.date) -> bool:
    """Return whether the cut-off is past and the last day's snapshot is delivered.

    Raises:
        SourceError: the source cannot be reached; asking again may help.
        DataError: the usage that was delivered is refused.
    """
    campaign = load_campaign(place.campaign)
    if today < campaign.cut_off_on:
        return False
    files = received_files(place, "license_usage", today)
    paths = [engine.quoted_path(file.outputs.validated) for file in files]
    if not paths:
        return False
    with working_folder(place.home) as work, engine.opened(work) as con:
        ((rows,),) = con.execute(
            f"select count(*) from read_parquet([{', '.join(paths)}], "
            "hive_partitioning = false) where snapshot_date = ?",
            [campaign.last_day],
        ).fetchall()
    return bool(rows)


def decide(place: Surroundings) -> Facts:
    """Decide and publish the final run: all that is delivered by now counts.

    Raises:
        LedgerError: it is not final; nothing can be paid from it.
    """
    campaign = load_campaign(place.campaign)
    request = RunRequest(
        place.source,
        place.home,
        place.campaign,
        as_of=campaign.last_day,
        spark=place_that_is_set(),
    )
    published = run(request, Progress())
    manifest = published.manifest
    if not manifest["is_final"]:
        message = (
            f"run {manifest['run_id']} knows deliveries until {manifest['known_at']} "
            f"alone, before the cut-off {campaign.cut_off_on}, so nothing was "
            "prepared: wait for the next delivery and clear this task."
        )
        raise LedgerError(message)
    return {"run_id": manifest["run_id"], "path": str(published.path)}


def prepare_batch(place: Surroundings, run_id: str, started_by: str | None) -> Facts:
    """Prepare what the run owes, in the name of whoever started this.

    Without anything owed, ``batch_id`` is None.

    Raises:
        LedgerError: nobody is known to have started it.
    """
    if not started_by:
        message = (
            f"nobody is known to have started this, so run {run_id} was not prepared: "
            "whoever prepares must not approve. Start it from the page or over the "
            "REST API, as a user."
        )
        raise LedgerError(message)
    settings = place.settings()
    prepared = prepare(
        PrepareRequest(place.home, run_id, started_by, place.moment(), settings)
    )
    new = prepared.batch.order.batch_id if prepared.batch else None
    with Ledger.open(place.home, settings.ledger_address).reading() as book:
        batch = find_batch(book, new) if new else _waiting(place, book)
        if batch is None:
            return {"batch_id": None, "payments": 0, "total": shown(0)}
        return facts_of(place.home, book, batch)


def asked_about(place: Surroundings, batch_id: str) -> Facts:
    """Return what a person is asked about a batch, as the ledger has it."""
    ledger = Ledger.open(place.home, place.settings().ledger_address)
    with ledger.reading() as book:
        return facts_of(place.home, book, find_batch(book, batch_id))


def _waiting(place: Surroundings, book: Book) -> Batch | None:
    """Return the oldest batch of the campaign that still has to be released.

    A worker may have been killed just after it had prepared it; or an earlier question
    was answered with no.
    """
    listing = list_payouts(book, place.moment().today)
    campaign_id = load_campaign(place.campaign).campaign_id
    names = [
        one["batch_id"]
        for one in listing.batches
        if one["campaign_id"] == campaign_id and one["state"] in AWAITS_RELEASE
    ]
    return find_batch(book, names[0]) if names else None


def approve_batch(
    place: Surroundings,
    prepared: Facts,
    answer: Facts,
    started_by: str | None,
) -> Facts:
    """Record that a person has approved the very bytes that were shown.

    Raises:
        LedgerError: nobody approved, or whoever started this did, or a byte changed.
    """
    responder = answer.get("responded_by_user") or {}
    name = str(responder.get("name") or responder.get("id") or "")
    if answer.get("chosen_options") != [APPROVE] or not name:
        message = (
            f"batch {prepared['batch_id']} was not approved by a person, so nothing "
            "was approved: clear the task that asks, to ask again."
        )
        raise LedgerError(message)
    names = {str(responder.get(key) or "") for key in ("name", "id")}
    starters = {started_by or "", str(prepared["prepared_by"])}
    if {person_key(one) for one in names - {""}} & {
        person_key(one) for one in starters - {""}
    }:
        message = (
            f"{name} started this payment of batch {prepared['batch_id']}, so nothing "
            "was approved: it takes another person. Clear the task that asks, and let "
            "somebody else answer."
        )
        raise LedgerError(message)
    with Ledger.open(place.home, place.settings().ledger_address).reading() as book:
        batch = find_batch(book, prepared["batch_id"])
        if batch.row["file_sha256"] != prepared["sha256"]:
            message = (
                f"batch {batch.batch_id} is not the file that was shown, so nothing "
                "was approved: clear the task that prepares, and ask again."
            )
            raise LedgerError(message)
    approved = approve(
        place.home, prepared["batch_id"], name, place.moment(), place.settings()
    )
    return {"batch_id": prepared["batch_id"], "approved_by": approved.approved_by}


def release_batch(
    place: Surroundings, approved: Facts | None, late_reason: str | None
) -> Facts:
    """Send the approved batch to the bank, exactly once.

    Raises:
        LedgerError: nobody approved it: the task that asks was only marked as done.
    """
    if not approved:
        message = (
            "nobody approved the batch, so nothing was sent: clear the task that asks, "
            "and let another person answer."
        )
        raise LedgerError(message)
    released = release(
        ReleaseRequest(
            place.home,
            approved["batch_id"],
            approved["approved_by"],
            place.destination,
            place.moment(),
            place.settings(),
            late_reason or None,
        )
    )
    batch = released.batch
    return named(batch) | {
        "file": f"{released.destination}/{batch.batch_id}/{PAYMENT_FILE}",
        "released_by": released.released_by,
        "paid_on": str(released.paid_on),
    }


def tell_partners(place: Surroundings, batch_id: str) -> Facts | None:
    """Mail each partner its statement; None if no mail server is set.

    Raises:
        DestinationError: the mail server failed, or does not take a partner's mail;
            who was told is not told again.
    """
    settings = place.settings()
    if not settings.mail.host:
        return None
    told = notify(NotifyRequest(place.home, batch_id, place.moment(), settings))
    if told.not_told:
        each = "; ".join(f"{name}: {why}" for name, why in told.not_told.items())
        message = (
            f"{len(told.not_told)} partners of batch {batch_id} were not told "
            f"({each}): see docs/runbooks/partners-were-not-told.md, then clear the "
            "task that tells."
        )
        raise DestinationError(message)
    return {
        "batch_id": batch_id,
        "sent": len(told.sent),
        "sent_before": len(told.sent_before),
    }
