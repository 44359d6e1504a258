"""The steps of settlement: the bank's answers come in, and what is odd is an alarm."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from pipelines.banking_days import banking_days_before
from pipelines.connection import Connection, name_of
from pipelines.errors import DifferenceError
from pipelines.files import make_folder
from pipelines.ledger.ledger import Ledger
from pipelines.payout.import_status import import_status
from pipelines.payout.states import list_payouts

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.scheduling.surroundings import Surroundings

Facts = dict[str, Any]
# A bank that says nothing for so many banking days is asked.
SILENT_BANKING_DAYS = 2
CALENDAR = "FED"
BACK = ("rejected", "returned")


def collect(place: Surroundings) -> list[str]:
    """Copy the bank's answers from the inbox to the home; return their names.

    Raises:
        SourceError: the inbox cannot be reached; trying again may help.
    """
    folder = _answers(place)
    make_folder(folder)
    (place.home / "inbox").mkdir(exist_ok=True)
    inbox = Connection(place.inbox)
    names = []
    for entry in inbox.entries(inbox.folder_of("").rstrip("/")):
        name = name_of(entry)
        if inbox.is_folder(entry) or not name.lower().endswith(".xml"):
            continue
        content = b"".join(inbox.blocks(entry["name"]))
        path = folder / name
        if not path.exists() or path.read_bytes() != content:
            draft = folder / f".{name}.part"
            draft.write_bytes(content)
            draft.replace(path)
        names.append(name)
    return names


def take_in(place: Surroundings, names: list[str]) -> Facts:
    """Record what the bank's answers say; the same files again record nothing.

    Raises:
        DataError: a file is none that can be read; nothing of any was recorded.
    """
    paths = [_answers(place) / name for name in names]
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
        DifferenceError: answers are held, payments came back, or the bank is silent.
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
    silent_since = banking_days_before(day, SILENT_BANKING_DAYS, CALENDAR)
    odd += [
        f"the bank says nothing of batch {batch['batch_id']}, released to be paid on "
        f"{batch['execution_date']}"
        for batch in listing.batches
        if batch["state"] == "released"
        and dt.date.fromisoformat(batch["execution_date"]) < silent_since
    ]
    if odd:
        message = (
            f"{'; '.join(odd)}. What could be recorded was; see `cashback payout list`."
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


def _answers(place: Surroundings) -> Path:
    return place.home / "bank_answers"
