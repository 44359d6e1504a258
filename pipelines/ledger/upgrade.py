"""Bring the ledger's database to the version that this code knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from pipelines.errors import LedgerError

if TYPE_CHECKING:
    from pipelines.ledger.database import Database

MIGRATIONS_DIR = Path(__file__).parent / "migrations"
VERSION_TABLE = "ledger_version"
LATEST = "0005"


def upgrade(database: Database) -> None:
    """Make what is missing, in one transaction; nothing is ever taken away.

    Raises:
        LedgerError: the database was made by a later version of this code.
    """
    with database.reading() as connection:
        if _version(connection) == LATEST:
            return
    with database.writing() as connection:
        found = _version(connection)
        if found is not None and found > LATEST:
            message = (
                f"the ledger {database.shown} has version {found}, and this code knows "
                f"{LATEST}; nothing was recorded: use the newer code."
            )
            raise LedgerError(message)
        _run(connection)


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    versions = connection.exec_driver_sql(f"select version_num from {VERSION_TABLE}")
    return versions.scalar_one_or_none()


def _run(connection: sa.Connection) -> None:
    # Takes a while to import, and is needed once in the life of a ledger.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_DIR))
    config.attributes["connection"] = connection
    command.upgrade(config, LATEST)
