"""The databases that a test of the ledger runs on: both kinds, each one empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipelines.ledger.ledger import Ledger
from tests.postgresql import program, running_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgresql import Server

AT = "2019-09-02T00:00:00Z"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """Run one server for all tests of a process."""
    if not (program("initdb") and program("pg_ctl")):
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with running_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/shared.sqlite3"
    server: Server = request.getfixturevalue("postgresql_server")
    return server.new_database()


@pytest.fixture
def ledger(ledger_url: str, tmp_path: Path) -> Ledger:
    """Return an empty ledger."""
    return Ledger.open(tmp_path, ledger_url)
