"""Whether the ledger is, entry by entry, what was recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.errors import LedgerError
from pipelines.ledger.entries import FIRST_PREVIOUS_HASH

if TYPE_CHECKING:
    from pipelines.ledger.ledger import Book


@dataclass(frozen=True)
class ChainCheck:
    """How many entries there are, the last one's hash, and what differs."""

    entries: int
    head: str
    differences: tuple[str, ...]


def check_chain(book: Book) -> ChainCheck:
    """Compute every hash again; an entry that was changed breaks the chain there."""
    differences = []
    last, previous = 0, FIRST_PREVIOUS_HASH
    for entry, stored in book.entries():
        where = f"entry {entry.sequence}"
        if entry.sequence != last + 1:
            differences.append(f"{where} follows entry {last}: some are missing")
        if entry.previous_hash != previous:
            differences.append(f"{where} does not name the hash of the one before")
        if entry.hash != stored:
            differences.append(f"{where} was changed: its hash differs")
        last, previous = entry.sequence, stored
    return ChainCheck(last, previous, tuple(differences))


def refuse_broken_chain(book: Book, what_not: str) -> None:
    """Refuse to pay by a ledger that somebody has changed.

    Raises:
        LedgerError: its chain is broken; *what_not* did not happen.
    """
    differences = check_chain(book).differences
    if differences:
        message = (
            f"the ledger is not as it was recorded: {differences[0]}; {what_not}: see "
            "`cashback ledger verify`, and restore the ledger from a backup."
        )
        raise LedgerError(message)
