"""Write to the ledger and read it, a transaction at a time."""

from __future__ import annotations

import contextlib
import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from pipelines.errors import LedgerError
from pipelines.ledger.database import Database, ledger_url
from pipelines.ledger.entries import (
    FIRST_PREVIOUS_HASH,
    Entry,
    Kind,
    NewEntry,
    compact_json,
    person_key,
)
from pipelines.ledger.tables import ENTRIES, ENTRY_CUSTOMERS
from pipelines.ledger.upgrade import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# What an entry says in columns of its own, as it stands.
PLAIN = tuple(
    item.name for item in fields(NewEntry) if item.name not in {"facts", "customers"}
)


class Ledger:
    """The ledger of a home, or of all homes that share a database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @classmethod
    def open(cls, home: Path, url: str | None = None) -> Ledger:
        """Return the ledger, made or upgraded if need be.

        Raises:
            CampaignError: the setting of its address is wrong.
            LedgerError: it cannot be reached, or is of a later version.
        """
        database = Database(ledger_url(home, url))
        upgrade(database)
        return cls(database)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Book]:
        """Give the ledger as it is at one moment."""
        with self.database.reading() as connection:
            yield Book(connection)

    @contextlib.contextmanager
    def writing(self, recorded_at: str, *, keep: bool = True) -> Iterator[WritableBook]:
        """Give the ledger to write in; all of it counts, or nothing.

        Without *keep*, nothing counts: everything is checked as if it did.

        Raises:
            LedgerError: a rule of the database refuses an entry.
        """
        with _refusals(), self.database.writing(keep=keep) as connection:
            yield WritableBook(connection, recorded_at)


class Book:
    """The entries as one transaction sees them."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        """Return what *query* finds, as dictionaries."""
        found = self.connection.execute(sa.text(query), values).mappings()
        return [dict(row) for row in found]

    def entries(self, after: int = 0) -> Iterator[tuple[Entry, str]]:
        """Yield each entry with the hash that is stored for it, in order."""
        customers = self._customers(after)
        query = sa.select(ENTRIES).where(ENTRIES.c.sequence > after)
        ordered = query.order_by(ENTRIES.c.sequence)
        for row in self.connection.execute(ordered).mappings():
            yield entry_of(row, customers.get(row["sequence"], {})), row["hash"]

    def _customers(self, after: int) -> dict[int, dict[str, int]]:
        found: dict[int, dict[str, int]] = {}
        query = sa.select(ENTRY_CUSTOMERS).where(ENTRY_CUSTOMERS.c.sequence > after)
        for sequence, customer_id, cents in self.connection.execute(query):
            found.setdefault(sequence, {})[customer_id] = cents
        return found

    def entry(self, kind: Kind, batch_id: str) -> Entry | None:
        """Return the last entry of *kind* about a whole batch; None without one."""
        query = (
            sa.select(ENTRIES)
            .where(ENTRIES.c.kind == kind, ENTRIES.c.batch_id == batch_id)
            .order_by(ENTRIES.c.sequence.desc())
            .limit(1)
        )
        row = self.connection.execute(query).mappings().one_or_none()
        return entry_of(row, {}) if row else None

    def head(self) -> tuple[int, str]:
        """Return the sequence and the hash of the last entry."""
        query = sa.select(ENTRIES.c.sequence, ENTRIES.c.hash)
        last = query.order_by(ENTRIES.c.sequence.desc()).limit(1)
        row = self.connection.execute(last).one_or_none()
        return (row[0], row[1]) if row else (0, FIRST_PREVIOUS_HASH)


def entry_of(row: Mapping[Any, Any], customers: Mapping[str, int]) -> Entry:
    """Return the entry that a row of the table holds."""
    content = {name: row[name] for name in PLAIN}
    return Entry(
        row["sequence"],
        row["previous_hash"],
        row["recorded_at"],
        NewEntry(
            **content | {"kind": Kind(row["kind"])},
            facts=json.loads(row["facts"]),
            customers=customers,
        ),
    )


class WritableBook(Book):
    """The entries, and the right to add to them."""

    def __init__(self, connection: sa.Connection, recorded_at: str) -> None:
        super().__init__(connection)
        self.recorded_at = recorded_at
        self._sequence, self._hash = self.head()

    def append(self, content: NewEntry) -> Entry:
        """Record *content* after the last entry."""
        entry = Entry(self._sequence + 1, self._hash, self.recorded_at, content)
        if content.customers:
            # First, so that the database can hold the entry to them.
            lines = [
                {"sequence": entry.sequence, "customer_id": name, "amount_cents": cents}
                for name, cents in sorted(content.customers.items())
            ]
            self.connection.execute(sa.insert(ENTRY_CUSTOMERS), lines)
        self.connection.execute(sa.insert(ENTRIES).values(**_row(entry)))
        self._sequence, self._hash = entry.sequence, entry.hash
        return entry


def _row(entry: Entry) -> dict[str, Any]:
    content = entry.content
    return {
        "sequence": entry.sequence,
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
        "recorded_at": entry.recorded_at,
        "who_key": person_key(content.who),
        "facts": compact_json(dict(content.facts)),
        **{name: getattr(content, name) for name in PLAIN},
    }


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """Say in one sentence which rule of the database was about to be broken."""
    try:
        yield
    except sa.exc.IntegrityError as error:
        diagnosis = getattr(error.orig, "diag", None)
        rule = getattr(diagnosis, "message_primary", None) or str(error.orig)
        message = (
            f"the ledger refuses it: {rule}; nothing was recorded: see `cashback "
            "payout list` for what was."
        )
        raise LedgerError(message) from error
