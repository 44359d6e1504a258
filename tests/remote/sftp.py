"""A real SFTP server over a folder, with a password, that a test can let fail."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import asyncssh

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

USER, PASSWORD = "depot", "s3cret-of-sftp"


@dataclass
class SftpDepot:
    """The folder that a server shows, its address, and what goes wrong there."""

    folder: Path
    port: int = 0
    known_hosts: Path | None = None
    # What happens before a file is opened, and before a block of it is read.
    when_opened: Callable[[str], None] = lambda _: None
    when_read: Callable[[str, int], None] = lambda _path, _offset: None
    # Fails, and hangs up, when it is asked for this: ("rename", "payout.xml").
    fails_at: tuple[str, str] | None = None
    asked: list[str] = field(default_factory=list)

    @property
    def uri(self) -> str:
        """The address of the folder, with the password in it."""
        return f"sftp://{USER}:{PASSWORD}@127.0.0.1:{self.port}"

    def did(self, what: str, path: bytes | str) -> None:
        """Note a request, and fail it if the test says so."""
        text = path.decode() if isinstance(path, bytes) else path
        name = text.rpartition("/")[2]
        if self.fails_at == (what, name):
            raise ConnectionAbortedError(name)
        self.asked.append(f"{what} {name}")


class _Server(asyncssh.SSHServer):
    def __init__(self, open_ones: set[Any]) -> None:
        self._open_ones = open_ones

    def connection_made(self, conn: Any) -> None:
        """Remember who is connected, to hang up in the end."""
        self._open_ones.add(conn)

    def begin_auth(self, username: str) -> bool:
        """Ask everybody for a password."""
        return True

    def password_auth_supported(self) -> bool:
        """Take passwords."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Know one user."""
        return (username, password) == (USER, PASSWORD)


class _Handler(asyncssh.SFTPServer):
    """What one connection asks for, with the test's hand in it."""

    def __init__(self, depot: SftpDepot, channel: Any) -> None:
        super().__init__(channel, chroot=str(depot.folder).encode())
        self._depot = depot
        self._paths: dict[Any, str] = {}

    def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
        """Open a file."""
        with self._hanging_up():
            self._depot.did("write" if pflags & asyncssh.FXF_WRITE else "open", path)
        self._depot.when_opened(path.decode())
        opened = super().open(path, pflags, attrs)
        self._paths[opened] = path.decode()
        return opened

    def read(self, file_obj: Any, offset: int, size: int) -> Any:
        """Read a block."""
        with self._hanging_up():
            self._depot.when_read(self._paths[file_obj], offset)
        return super().read(file_obj, offset, size)

    def rename(self, oldpath: bytes, newpath: bytes) -> Any:
        """Rename a file, to a name that is free."""
        with self._hanging_up():
            self._depot.did("rename", newpath)
        return super().rename(oldpath, newpath)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> Any:
        """Rename a file over another one."""
        with self._hanging_up():
            self._depot.did("overwrite", newpath)
        return super().posix_rename(oldpath, newpath)

    @contextlib.contextmanager
    def _hanging_up(self) -> Iterator[None]:
        try:
            yield
        except ConnectionAbortedError:
            self.channel.get_connection().abort()
            raise asyncssh.SFTPFailure("gone") from None


@contextlib.contextmanager
def sftp_server(folder: Path, keys: Path) -> Iterator[SftpDepot]:
    """Run a server over *folder*; its key is in a file of known hosts under *keys*."""
    depot = SftpDepot(folder)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    key = asyncssh.generate_private_key("ssh-ed25519")
    open_ones: set[Any] = set()

    async def start() -> Any:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=lambda: _Server(open_ones),
            server_host_keys=[key],
            sftp_factory=functools.partial(_Handler, depot),
        )

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(30)
    depot.port = server.get_port()
    depot.known_hosts = keys / f"known_hosts_{depot.port}"
    public = key.export_public_key().decode().strip()
    depot.known_hosts.write_text(f"[127.0.0.1]:{depot.port} {public}\n")

    async def stop() -> None:
        server.close()
        for connection in open_ones:
            connection.abort()
            await connection.wait_closed()
        await server.wait_closed()

    try:
        yield depot
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
