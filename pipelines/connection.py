"""One fsspec address: what lies there, read safely.

Whatever the library of a filesystem raises becomes one ``SourceError``, without the
password or token that the address may hold.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from typing import TYPE_CHECKING, Any

from pipelines.addresses import split_address
from pipelines.errors import SourceError
from pipelines.files import BLOCK_BYTES
from pipelines.filesystems import open_address, reason_of, refused_as
from pipelines.masking import SecretsOf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fsspec import AbstractFileSystem

Entry = dict[str, Any]
SIZE_ONLY = {"name", "size", "type"}


class Connection:
    """A folder or URI, open for reading from any thread."""

    def __init__(self, address: str) -> None:
        from fsspec.implementations.local import LocalFileSystem

        self._address, self._secrets = address, SecretsOf(address)
        self._own = threading.local()
        self._shared: tuple[AbstractFileSystem, str] | None = None
        with refused_as(self._unopened):
            fs, root = self._connected()
        if isinstance(fs, LocalFileSystem):
            # The same folder has one name, wherever the command is started.
            root = os.path.normpath(root)
            address = fs.unstrip_protocol(root)
        self._root = root
        # Without secrets: receipts are for everybody's eyes.
        self.uri = self.masked(split_address(address)[0]).rstrip("/")

    def _connected(self) -> tuple[AbstractFileSystem, str]:
        """Return this thread's own filesystem: some have one line to their server.

        Those that queue what all threads ask for, such as S3's, are slow to open, and
        opened once.
        """
        if self._shared:
            return self._shared
        if not hasattr(self._own, "opened"):
            fs, root = open_address(self._address)
            fs.invalidate_cache()
            self._own.opened = fs, root
            if fs.async_impl:
                self._shared = fs, root
        opened: tuple[AbstractFileSystem, str] = self._own.opened
        return opened

    @contextlib.contextmanager
    def reachable(self, path: str) -> Iterator[AbstractFileSystem]:
        """Give the filesystem to read *path* from.

        Raises:
            SourceError: anything went wrong in the block.
        """
        try:
            yield self._connected()[0]
        except Exception as error:
            message = (
                f"{self.masked(path)} cannot be read ({self._reason(error)}); nothing "
                "was published. Check the source and run again."
            )
            raise SourceError(message) from error

    def refuse_missing(self) -> None:
        """Make sure that there is something at the address."""
        with self.reachable(self.uri) as fs:
            if not fs.exists(self._root or "/"):
                raise FileNotFoundError(self.uri)

    def folder_of(self, name: str) -> str:
        """Return the path of a folder that lies at the address."""
        is_top = self._root in {"", "/"}
        return f"{self._root}{name}" if is_top else f"{self._root.rstrip('/')}/{name}"

    def entries(self, folder: str) -> list[Entry]:
        """Return what lies in a folder, by name; one that is not there is empty.

        Each folder is asked for by itself: ``find`` would pass over one that cannot
        be read, and so lose a delivery without a word.
        """
        with self.reachable(folder) as fs:
            try:
                found = fs.ls(folder, detail=True)
            except (FileNotFoundError, NotADirectoryError):
                return []
        # Some list the folder itself, or what lies above one that is not there.
        own = folder.strip("/")
        inside = [entry for entry in found if _parent(entry) == own]
        return sorted(inside, key=name_of)

    def is_folder(self, entry: Entry) -> bool:
        """Tell a folder from a file; a link is what it leads to."""
        if entry["type"] in {"directory", "file"}:
            return bool(entry["type"] == "directory")
        with self.reachable(entry["name"]) as fs:
            if fs.isdir(entry["name"]):
                return True
            if not fs.isfile(entry["name"]):
                # To read a pipe would wait for ever.
                message = "neither a file nor a folder, or a link to nothing"
                raise ValueError(message)
        return False

    def look(self, path: str) -> Entry:
        """Return what the filesystem says of one path now; a link is its target."""
        with self.reachable(path) as fs:
            fs.invalidate_cache(path)
            entry: Entry = fs.info(path)
        return entry

    def blocks(self, path: str) -> Iterator[bytes]:
        """Yield the bytes of a file.

        What fails where the blocks go is no fault of the source: it passes by.
        """
        with self.reachable(path) as fs, fs.open(path, "rb") as stream:
            while block := stream.read(BLOCK_BYTES):
                yield block

    def masked(self, text: str) -> str:
        """Return *text* without the secrets of the address."""
        return self._secrets.masked(text)

    def _unopened(self, error: Exception) -> SourceError:
        return SourceError(
            f"source {self.masked(self._address)!r} cannot be opened "
            f"({self._reason(error)}); nothing was published. Give a folder or a "
            "URI that fsspec knows, and check that it can be reached."
        )

    def _reason(self, error: Exception) -> str:
        if isinstance(error, FileNotFoundError) and not error.strerror:
            # Where, the sentence says.
            return "No such file or directory"
        return reason_of(error, self.masked)


def name_of(entry: Entry) -> str:
    """Return the name of an entry, without the folders above it."""
    return str(entry["name"]).rstrip("/").rpartition("/")[2]


def fingerprint_of(entry: Entry) -> str:
    """Return the mark of a file's state: size, times, ETag, whatever is told.

    >>> seen = {"name": "a.csv", "size": 3, "mtime": 5, "atime": 7}
    >>> fingerprint_of(seen) == fingerprint_of(seen | {"atime": 8})
    True
    >>> fingerprint_of(seen) == fingerprint_of(seen | {"mtime": 6})
    False
    """
    facts = sorted((key, str(entry[key])) for key in entry if not _is_of_reading(key))
    return hashlib.sha256(repr(facts).encode(errors="surrogateescape")).hexdigest()


def says_more_than_size(entry: Entry) -> bool:
    """Tell whether a change of content would show in an entry."""
    return any(key not in SIZE_ONLY and not _is_of_reading(key) for key in entry)


def _is_of_reading(key: str) -> bool:
    """Whether a fact changes because we read; over SFTP, ``time`` is one."""
    return key in {"time", "atime"} or "access" in key.lower()


def _parent(entry: Entry) -> str:
    return str(entry["name"]).strip("/").rpartition("/")[0]
