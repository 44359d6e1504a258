"""The ledger's database is made and upgraded when it is opened."""

from __future__ import annotations

import contextlib
import fcntl
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from pipelines.errors import LedgerError
from pipelines.ledger.database import Database
from pipelines.ledger.database import ledger_url as address
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.tables import METADATA
from pipelines.ledger.upgrade import LATEST, MIGRATIONS_DIR, upgrade
from pipelines.ledger.verify import check_chain
from tests.ledger.story import new, told_until
from tests.ledger_fixtures import AT
from tests.payout_flow.killing import at_once

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def scripts() -> ScriptDirectory:
    """Return the migrations."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_DIR))
    return ScriptDirectory.from_config(config)


def made(database: Database) -> dict[str, list[str]]:
    """Return the columns of every table and view."""
    with database.reading() as connection:
        found = sa.inspect(connection)
        names = [*found.get_table_names(), *found.get_view_names()]
        return {
            name: [column["name"] for column in found.get_columns(name)]
            for name in sorted(names)
        }


def test_the_code_knows_the_latest_version_and_each_has_one_parent() -> None:
    """A forgotten number would leave databases behind."""
    assert scripts().get_current_head() == LATEST
    versions = [script.revision for script in scripts().walk_revisions()]
    assert versions == sorted(versions, reverse=True)
    assert len(versions) >= 3


def test_there_is_no_way_back() -> None:
    """A downgrade would take away what was recorded."""
    for script in scripts().walk_revisions():
        assert not hasattr(script.module, "downgrade")


def test_an_empty_database_gets_everything_and_again_changes_nothing(
    ledger_url: str, tmp_path: Path
) -> None:
    """Opening it is all that it takes."""
    database = Database(address(tmp_path, ledger_url))

    upgrade(database)
    first = made(database)
    upgrade(database)

    assert made(database) == first
    tables = {"entries", "entry_customers", "ledger_version", "notices"}
    views = {"batches", "payments", "customer_balances", "partner_balances"}
    assert set(first) == tables | views
    for table in METADATA.sorted_tables:
        assert first[table.name] == [column.name for column in table.columns]


@pytest.mark.parametrize("version", ["0001", "0002", "0003", "0004"])
def test_an_earlier_version_is_upgraded_with_what_it_holds(
    ledger_url: str, tmp_path: Path, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries stay as they are, to the hash."""
    monkeypatch.setattr("pipelines.ledger.upgrade.LATEST", version)
    early = Ledger.open(tmp_path, ledger_url)
    with early.writing(AT) as book:
        for entry in told_until("the end"):
            book.append(entry)
        head = book.head()
    monkeypatch.undo()

    ledger = Ledger.open(tmp_path, ledger_url)

    with ledger.reading() as book:
        assert book.head() == head
        assert check_chain(book).differences == ()
        assert book.rows("select state from payments") == [{"state": "settled"}]
    with pytest.raises(LedgerError), ledger.writing(AT) as book:
        book.append(new("reject"))


def test_a_later_version_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    """Older code would not know what it must not do."""
    with ledger.database.writing() as connection:
        connection.exec_driver_sql("update ledger_version set version_num = '9999'")

    with pytest.raises(LedgerError, match="use the newer code"):
        upgrade(ledger.database)


def test_an_upgrade_that_fails_leaves_what_was_there(
    ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is one transaction, tables and all."""
    database = Database(address(tmp_path, ledger_url))
    monkeypatch.setattr(Operations, "get_bind", failing_after(3))

    with pytest.raises(RuntimeError, match="power cut"):
        upgrade(database)

    assert made(database) == {}


def failing_after(calls: int) -> Callable[[Operations], object]:
    """Return what a migration asks for its connection, until it fails."""
    get_bind, numbers = Operations.get_bind, count(1)

    def fail(self: Operations) -> object:
        if next(numbers) > calls:
            message = "power cut"
            raise RuntimeError(message)
        return get_bind(self)

    return fail


def test_many_that_open_it_at_once_make_it_once(
    ledger_url: str, tmp_path: Path
) -> None:
    """The first one makes it, the others find it made."""
    at_once(4, lambda _: Ledger.open(tmp_path, ledger_url))

    with Ledger.open(tmp_path, ledger_url).reading() as book:
        assert book.head()[0] == 0


def test_whoever_meets_another_that_turns_the_log_on_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite does not wait by itself while a new file begins to have a log."""
    url = address(tmp_path, None)
    asked, lock_file = threading.Event(), fcntl.flock

    def flock(file: Any, how: int) -> None:
        asked.set()
        lock_file(file, how)

    def open_and_tell() -> Ledger:
        try:
            return Ledger.open(tmp_path)
        finally:
            asked.set()

    with ThreadPoolExecutor(1) as pool:
        with (
            (tmp_path / "ledger.sqlite3.open.lock").open("w") as lock,
            contextlib.closing(sqlite3.connect(str(url.database))) as other,
        ):
            lock_file(lock, fcntl.LOCK_EX)
            other.execute("begin immediate")
            monkeypatch.setattr(fcntl, "flock", flock)
            opened = pool.submit(open_and_tell)
            assert asked.wait(timeout=60)
        ledger = opened.result(timeout=60)

    with ledger.reading() as book:
        assert book.head()[0] == 0
