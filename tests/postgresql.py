"""A real PostgreSQL of the tests' own: in a temporary folder, on a socket there."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = {
    "listen_addresses": "",  # no port, so none is taken
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "40",
}


def program(name: str) -> str | None:
    """Return the path of a program of PostgreSQL; Debian keeps them off the PATH."""
    packaged = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or next(map(str, reversed(packaged)), None)


@dataclass(frozen=True)
class Server:
    """A server that runs, and hands out empty schemas."""

    folder: Path
    numbers: Iterator[int]

    def new_database(self) -> str:
        """Return the address of a schema that holds nothing."""
        name = f"ledger_{next(self.numbers)}"
        with psycopg.connect(
            host=str(self.folder), user="owner", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(f"create schema {name}")
        # Much quicker than a database of its own.
        path = f"options=-csearch_path%3D{name}"
        return f"postgresql://owner@/postgres?host={self.folder}&{path}"


@contextlib.contextmanager
def running_server() -> Iterator[Server]:
    """Start a server, as another user where we are root, and stop it at the end."""
    user = _unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    _run(user, "initdb", "-D", data, "-U", "owner", "-A", "trust", "-E", "UTF8", "-N")
    options = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
    options += f" -c unix_socket_directories='{folder}'"
    log = folder / "log"
    try:
        _run(user, "pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")
        yield Server(folder, count(1))
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            _run(user, "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged_user() -> str | None:
    """Return who is to run the server, which refuses to be run by root."""
    if os.geteuid():
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _run(user: str | None, name: str, *arguments: object) -> None:
    subprocess.run(  # noqa: S603 - the programs and their arguments are ours
        [program(name) or name, *map(str, arguments)],
        user=user,
        cwd="/",
        check=True,
        stdout=subprocess.DEVNULL,
    )
