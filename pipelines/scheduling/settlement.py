"""The steps of settlement: the bank's answers come in, and what is odd is an alarm."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.banking_days import banking_days_before
from pipelines.connection import Connection, Entry, name_of
from pipelines.errors import DifferenceError
from pipelines.files import PRIVATE_FILE, make_folder, working_folder
from pipelines.ledger.ledger import Ledger
from pipelines.payout.import_status import import_status
from pipelines.payout.states import list_payouts
from pipelines.scheduling import deadline

if TYPE_CHECKING:
    from pipelines.scheduling.surroundings import Surroundings

Facts = dict[str, Any]
# A bank that says nothing for so many banking days is asked.
SILENT_BANKING_DAYS = 2
BACK = ("rejected", "returned")


def collect(place: Surroundings) -> list[str]:
    """Return the names of the bank's answers in the inbox.

    Raises:
        SourceError: the inbox cannot be reached; trying again may help.
    """
    inbox = _inbox(place)
    return [name_of(entry) for entry in _answers(inbox)]


def take_in(place: Surroundings, names: list[str]) -> Facts:
    """Record what the bank's answers say; the same files again record nothing.

    They may name accounts, so they are read in a private folder that goes at the end.

    Raises:
        SourceError: the inbox cannot be reached; trying again may help.
        DataError: a file is none that can be read; nothing of any was recorded.
    """
    inbox, wanted, paths = _inbox(place), set(names), []
    with working_folder(place.home) as work:
        for entry in _answers(inbox):
            if name_of(entry) in wanted:
                paths.append(work / name_of(entry))
                paths[-1].touch(mode=PRIVATE_FILE)
                with paths[-1].open("wb") as stream:
                    stream.writelines(inbox.blocks(entry["name"]))
        if not paths:
            return {"files": 0, "new_files": 0, "recorded": 0, "held": []}
        imported = import_status(place.home, paths, place.moment(), place.settings())
    return {
        "files": imported.files,
        "new_files": imported.new_files,
        "recorded": len(imported.recorded),
        "held": [f"{one.file}: {one.why}" for one in imported.held],
    }


def alarm(place: Surroundings, imported: Facts, today: dt.date | None = None) -> Facts:
    """Return the states of all payments, if nothing is odd.

    Raises:
        DifferenceError: answers are held, payments came back, the bank is silent, or
            the last day to pay is near and not all is on its way.
    """
    day = today or place.moment().today
    ledger = Ledger.open(place.home, place.settings().ledger_address)
    with ledger.reading() as book:
        listing = list_payouts(book, day)
    odd = [f"the bank's answer is held: {held}" for held in imported["held"]]
    odd += [
        f"payment {one['end_to_end_id']} is {one['state']} ({one['reason']}): owed "
        "again"
        for one in listing.payments
        if one["state"] in BACK and _is_last(one, listing.payments)
    ]
    silent_since = banking_days_before(day, SILENT_BANKING_DAYS, deadline.CALENDAR)
    odd += [
        f"the bank says nothing of batch {batch['batch_id']}, released to be paid on "
        f"{batch['execution_date']}"
        for batch in listing.batches
        if batch["state"] == "released"
        and dt.date.fromisoformat(batch["execution_date"]) < silent_since
    ]
    odd += deadline.warnings(place, day)
    if odd:
        message = (
            f"{'; '.join(odd)}. What could be recorded was: see `cashback payout list`."
        )
        raise DifferenceError(message)
    states: dict[str, int] = {}
    for one in listing.payments:
        states[one["state"]] = states.get(one["state"], 0) + 1
    return states


def _is_last(payment: Facts, payments: list[Facts]) -> bool:
    """Return whether the partner was not ordered another payment since."""
    mine = [one for one in payments if one["partner_id"] == payment["partner_id"]]
    return mine[-1] is payment


def _inbox(place: Surroundings) -> Connection:
    if "://" not in place.inbox:
        make_folder(Path(place.inbox))
    return Connection(place.inbox)


def _answers(inbox: Connection) -> list[Entry]:
    found = inbox.entries(inbox.folder_of("").rstrip("/"))
    return [
        entry
        for entry in found
        if name_of(entry).lower().endswith(".xml") and not inbox.is_folder(entry)
    ]
