"""The chain shows every change; transactions count whole, one writer at a time."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import pytest

from pipelines.errors import LedgerError, UsageError
from pipelines.ledger.entries import FIRST_PREVIOUS_HASH, person, person_key
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.verify import check_chain, refuse_broken_chain
from tests.ledger.story import PEOPLE, new, record, told_until
from tests.ledger_fixtures import AT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    """Return a ledger with one batch, all the way."""
    with ledger.writing(AT) as book:
        for entry in told_until("the end"):
            book.append(entry)
    return ledger


def check(ledger: Ledger) -> tuple[str, ...]:
    """Return what the chain shows."""
    with ledger.reading() as book:
        return check_chain(book).differences


def spoil(ledger: Ledger, *statements: str) -> None:
    """Change a ledger as somebody would who owns the database."""
    drop = (
        "drop trigger {table}_no_update; drop trigger {table}_no_delete"
        if ledger.database.is_sqlite
        else "drop trigger {table}_no_change on {table}"
    )
    with ledger.database.writing() as connection:
        for table in ("entries", "entry_customers"):
            for statement in drop.format(table=table).split("; "):
                connection.exec_driver_sql(statement)
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_each_entry_names_the_hash_of_the_one_before(told: Ledger) -> None:
    """From the first to the last; the same story has the same hashes."""
    with told.reading() as book:
        entries = list(book.entries())
        head = check_chain(book)

    previous = FIRST_PREVIOUS_HASH
    for entry, stored in entries:
        assert entry.previous_hash == previous
        assert entry.hash == stored
        previous = stored
    assert (head.entries, head.head) == (len(PEOPLE), previous)
    assert re.fullmatch("[0-9a-f]{64}", previous)


def test_the_same_story_has_the_same_hash_on_both_databases(
    told: Ledger, tmp_path: Path
) -> None:
    """What is hashed is what was said, not how a database keeps it."""
    other = Ledger.open(tmp_path / "other")
    with other.writing(AT) as book:
        for entry in told_until("the end"):
            book.append(entry)

    with told.reading() as one, other.reading() as two:
        assert check_chain(one).head == check_chain(two).head


COLUMNS = {
    "recorded_at": "'2019-09-03T00:00:00Z'",
    "who": "'Eve'",
    "campaign_id": "'d'",
    "amount_cents": "300000",
    "currency": "'EUR'",
    "run_id": "'s'",
    "reason": "'because'",
    "facts": """'{"a":1}'""",
}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_value_is_found(told: Ledger, column: str) -> None:
    """At the entry that was changed, and it alone."""
    spoil(told, f"update entries set {column} = {COLUMNS[column]} where sequence = 1")

    assert check(told) == ("entry 1 was changed: its hash differs",)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ("update entry_customers set amount_cents = 1 where sequence = 3", "entry 3"),
        ("update entry_customers set customer_id = 'z' where sequence = 3", "entry 3"),
        ("delete from entry_customers where sequence = 3", "entry 3"),
        ("delete from entries where sequence = 5", "entry 6 follows entry 4"),
    ],
)
def test_a_changed_customer_and_a_missing_entry_are_found(
    told: Ledger, change: str, where: str
) -> None:
    """The hash of an entry covers whom it is for; the numbers have no gap."""
    spoil(told, change)

    assert check(told)[0].startswith(where)


def test_an_entry_that_was_forged_with_its_hash_is_found(told: Ledger) -> None:
    """The entry after it names another hash."""
    with told.reading() as book:
        (entry, _) = list(book.entries())[3]
    forged = type(entry)(
        entry.sequence,
        entry.previous_hash,
        entry.recorded_at,
        new("approve", "Eve"),
    )
    spoil(
        told,
        f"update entries set who = 'Eve', who_key = 'eve', hash = '{forged.hash}' "
        "where sequence = 4",
    )

    assert check(told) == ("entry 5 does not name the hash of the one before",)
    with told.reading() as book, pytest.raises(LedgerError, match="nothing was sent"):
        refuse_broken_chain(book, "nothing was sent")


def test_a_transaction_counts_whole_or_not_at_all(ledger: Ledger) -> None:
    """An entry that is refused takes the ones before it along."""
    with pytest.raises(LedgerError):
        record(ledger, new("earn"), new("approve", "Bob"))

    with pytest.raises(AttributeError):
        record(ledger, new("earn"), None)

    with ledger.writing(AT, keep=False) as book:
        book.append(new("earn"))

    with ledger.reading() as book:
        assert book.head() == (0, FIRST_PREVIOUS_HASH)


def test_a_reader_sees_one_moment_and_writers_come_one_after_the_other(
    ledger: Ledger,
) -> None:
    """Without either, a balance could miss what is being paid."""
    order = []

    def write(name: str) -> None:
        with ledger.writing(AT) as book:
            order.append(f"{name} begins")
            book.append(new("earn", run_id=name))
            order.append(f"{name} ends")

    with ledger.reading() as book:
        assert book.head()[0] == 0
        threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert book.head()[0] == 0

    pairs = [line.split()[0] for line in order]
    assert pairs[::2] == pairs[1::2]
    with ledger.reading() as book:
        assert book.head()[0] == 4
    assert check(ledger) == ()


def test_a_reader_cannot_write(told: Ledger) -> None:
    """The database itself says no."""
    rows = "insert into entry_customers values (99, 'x', 1)"

    with pytest.raises(LedgerError), told.database.reading() as connection:
        connection.exec_driver_sql(rows)

    with told.reading() as book:
        assert book.rows("select * from entry_customers where sequence = 99") == []


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Ann Lee", "ANN  LEE", True),
        ("Ann Lee", "annlee", True),
        ("Ann Lee", "\uff21nn\u00a0Lee", True),  # wide letters, a space that holds
        ("Strasse", "Stra\u00dfe", True),
        ("Ann Lee", "Anna Lee", False),
    ],
)
def test_people_are_told_apart_by_what_they_are_called(
    one: str, other: str, *, is_same: bool
) -> None:
    """Nobody is two people by writing differently."""
    assert (person_key(one) == person_key(other)) is is_same


@pytest.mark.parametrize("name", ["", " ", "\t", "a\u200bb", "a\x00b", "x" * 71])
def test_a_name_is_visible_and_not_too_long(name: str) -> None:
    """It is shown in lists and approvals for years."""
    with pytest.raises(UsageError):
        person(name)
