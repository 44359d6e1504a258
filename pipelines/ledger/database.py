"""The database of the ledger: SQLite in a file, or PostgreSQL by its URL."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from pipelines.errors import CampaignError, LedgerError
from pipelines.files import locked

if TYPE_CHECKING:
    from collections.abc import Iterator

# Any number would do; every writer of the ledger asks for this one.
WRITER_LOCK = 7_265_190_630
RELEASE_LOCK = WRITER_LOCK + 1
NOTIFY_LOCK = WRITER_LOCK + 2
WAIT_SECONDS = 120
DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


def ledger_url(home: Path, setting: str | None) -> sa.URL:
    """Return where the ledger is: the setting, or a file of the home.

    Raises:
        CampaignError: the setting is no address of a database that can hold it.
    """
    if not setting:
        return sa.URL.create("sqlite", database=str(home / "ledger.sqlite3"))
    try:
        url = sa.make_url(setting)
        return url.set(drivername=DRIVERS[url.drivername])
    except (sa.exc.ArgumentError, KeyError, ValueError):
        # The address may hold a password, so it is not shown.
        message = (
            "the setting CASHBACK_LEDGER_URL is not the address of a database that "
            "can hold the ledger; nothing was recorded: give it as "
            "postgresql://USER@HOST/DATABASE or sqlite:////PATH, or leave it out."
        )
        raise CampaignError(message) from None


class Database:
    """Transactions on the ledger: many readers, one writer at a time."""

    def __init__(self, url: sa.URL) -> None:
        self.shown = url.render_as_string(hide_password=True)
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self._file = Path(str(url.database))
        if self.is_sqlite:
            _make_folder(self._file.parent)
        arguments = {"timeout": WAIT_SECONDS} if self.is_sqlite else {}
        self._engine = sa.create_engine(
            url, poolclass=sa.NullPool, connect_args=arguments
        )
        if self.is_sqlite:
            sa.event.listen(self._engine, "connect", self._prepare_sqlite)
            sa.event.listen(self._engine, "begin", _begin_sqlite)

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a transaction that sees the ledger as it is at one moment."""
        with self._connected(writes=False) as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql(
                    "set transaction isolation level repeatable read, read only"
                )
            yield connection

    @contextlib.contextmanager
    def writing(self, *, keep: bool = True) -> Iterator[sa.Connection]:
        """Give the one transaction that may write; it counts whole or not at all.

        Without *keep* it is a rehearsal: all is checked, and nothing stays.
        """
        with self._connected(writes=True, keep=keep) as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql(
                    f"select pg_advisory_xact_lock({WRITER_LOCK})"
                )
            yield connection

    @contextlib.contextmanager
    def _connected(self, *, writes: bool, keep: bool = True) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as plain:
                connection = plain.execution_options(ledger_writes=writes)
                with connection.begin() as transaction:
                    yield connection
                    if not keep:
                        transaction.rollback()
        except sa.exc.IntegrityError:
            raise  # a rule of the ledger, which has its own sentence
        except sa.exc.DBAPIError as error:
            why = (str(error.orig).splitlines() or ["no reason given"])[0]
            raise _unreachable(self.shown, why) from error

    def releasing(self) -> contextlib.AbstractContextManager[None]:
        """Wait until nobody else releases a batch, and keep it so."""
        return self._alone(".lock", RELEASE_LOCK)

    def notifying(self) -> contextlib.AbstractContextManager[None]:
        """Wait until nobody else tells partners, and keep it so."""
        return self._alone(".notify.lock", NOTIFY_LOCK)

    @contextlib.contextmanager
    def _alone(self, suffix: str, number: int) -> Iterator[None]:
        if self.is_sqlite:
            with self._locked(suffix):
                yield
            return
        with self._connected(writes=False) as connection:
            connection.exec_driver_sql(f"select pg_advisory_xact_lock({number})")
            yield

    @contextlib.contextmanager
    def _locked(self, suffix: str) -> Iterator[None]:
        path = Path(f"{self._file}{suffix}")
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(locked(path))
            except OSError as error:
                why = f"{path.name}: {error.strerror}"
                raise _unreachable(self.shown, why) from error
            yield

    def _prepare_sqlite(self, connection: Any, _: object) -> None:
        # Transactions begin where we say so, not where the driver guesses.
        connection.isolation_level = None
        # The first to open a new file turns its log on; whoever is there at the same
        # moment is told that it is locked, however long it would have waited.
        with self._locked(".open.lock"):
            connection.execute("pragma journal_mode = wal")
        for pragma in (
            "synchronous = full",
            "foreign_keys = on",
            "recursive_triggers = on",
        ):
            connection.execute(f"pragma {pragma}")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = (
            f"the folder {folder} of the ledger cannot be made ({error.strerror}); "
            "nothing was recorded: name another home."
        )
        raise LedgerError(message) from error


def _begin_sqlite(connection: sa.Connection) -> None:
    # A writer that begins as a reader can find itself behind, and fail.
    writes = connection.get_execution_options().get("ledger_writes", True)
    connection.exec_driver_sql(f"pragma query_only = {'off' if writes else 'on'}")
    connection.exec_driver_sql("begin immediate" if writes else "begin")


def _unreachable(shown: str, why: str) -> LedgerError:
    return LedgerError(
        f"the ledger {shown} cannot be used ({why}); nothing was recorded: see that "
        "the database is there and lets this user write, then try again."
    )
