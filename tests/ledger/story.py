"""A batch of one payment, told in entries that a test can spoil."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.ledger.entries import Kind, NewEntry
from tests.ledger_fixtures import AT

if TYPE_CHECKING:
    from pipelines.ledger.ledger import Ledger

DIGEST = "f" * 64
WHERE = {"campaign_id": "c", "currency": "USD"}
EARNED = {**WHERE, "partner_id": "p", "run_id": "r", "amount_cents": 200_000}
PAID = {
    **WHERE,
    "batch_id": "b",
    "partner_id": "p",
    "end_to_end_id": "e",
    "amount_cents": 200_000,
}
BATCH = {
    **WHERE,
    "batch_id": "b",
    "amount_cents": 200_000,
    "payments": 1,
    "file_sha256": DIGEST,
}


def new(kind: str, who: str = "Ann", **values: Any) -> NewEntry:
    """Return an entry that is right, but for *values*."""
    given = {
        "earn": EARNED | {"customers": {"x": 200_000}},
        "adjust": EARNED | {"customers": {"x": 200_000}},
        "net": EARNED | {"customers": {"x": -200_000, "y": 200_000}},
        "prepare": BATCH | {"message_id": "m", "run_id": "r"},
        "instruct": PAID | {"uetr": "u", "run_id": "r", "customers": {"x": 200_000}},
        "approve": BATCH,
        "release": BATCH,
        "place": {"campaign_id": "c", "batch_id": "b"},
        "confirm": {"campaign_id": "c", "batch_id": "b"},
        "accept": PAID,
        "reject": PAID | {"reason": "AC04"},
        "settle": PAID,
        "return": PAID | {"reason": "AC04"},
        "repay": {name: value for name, value in EARNED.items() if name != "run_id"}
        | {"reason": "wire of 2 September", "customers": {"x": -200_000}},
        "import": {"file_sha256": DIGEST},
    }
    return NewEntry(kind=Kind(kind), who=who, **given[kind] | values)


# Each step, and who takes it: the batch from what was earned to the money booked.
PEOPLE = {
    "earn": "Ann",
    "prepare": "Ann",
    "instruct": "Ann",
    "approve": "Bob",
    "release": "Cleo",
    "place": "Cleo",
    "confirm": "Cleo",
    "accept": "Dora",
    "settle": "Dora",
}


def told_until(kind: str) -> list[NewEntry]:
    """Return the entries of the story up to the first of *kind*, without it."""
    steps = list(PEOPLE)
    before = steps[: steps.index(kind)] if kind in PEOPLE else steps
    return [new(step, PEOPLE[step]) for step in before]


def record(ledger: Ledger, *entries: Any) -> None:
    """Record the entries, together."""
    with ledger.writing(AT) as book:
        for entry in entries:
            book.append(entry)
