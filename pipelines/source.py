"""Where the extracts are delivered: a folder, or any fsspec URI.

Whatever a source's own library raises becomes one ``SourceError``, without the
password or token that the URI may hold.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.errors import DataError, SourceError, UsageError
from pipelines.feeds import FEEDS
from pipelines.files import BLOCK_BYTES
from pipelines.masking import SecretsOf

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_DELIVERY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Control characters, and the bytes of a name that is not UTF-8.
_UNUSABLE_IN_NAMES = {"Cc", "Cs"}


@dataclass(frozen=True)
class ListedFile:
    """One file that a source lists in a delivery; a link has no size of its own."""

    feed: str
    delivered_on: dt.date
    name: str
    path: str
    size: int | None

    @property
    def place(self) -> str:
        """How messages and receipts name the file."""
        return f"{self.feed}/{self.delivered_on}/{self.name}"


@dataclass(frozen=True)
class Copied:
    """What was read of a file, and the source's mark of the state it was read in."""

    sha256: str
    size: int
    fingerprint: str


class Source:
    """The folder or URI that the feeds lie under."""

    def __init__(self, uri: str) -> None:
        import fsspec
        from fsspec.implementations.local import LocalFileSystem

        if not uri.strip():
            message = (
                "--source is blank; nothing was published. Give a folder or a URI "
                "that fsspec knows."
            )
            raise UsageError(message)
        self._secrets = SecretsOf(uri)
        try:
            self._fs, root = fsspec.core.url_to_fs(uri)
        except Exception as error:
            message = (
                f"source {self._secrets.masked(uri)!r} cannot be opened "
                f"({self._reason(error)}); nothing was published. Give a folder or a "
                "URI that fsspec knows, and check that it can be reached."
            )
            raise SourceError(message) from error
        if isinstance(self._fs, LocalFileSystem):
            # The same folder has one name, wherever the command is started.
            root = os.path.normpath(root)
            uri = self._fs.unstrip_protocol(root)
        self._root = root.rstrip("/")
        # Receipts are for everybody's eyes.
        self.uri = self._secrets.masked(uri).rstrip("/")

    def listing(
        self, known_at: dt.date | None = None
    ) -> tuple[list[ListedFile], list[str]]:
        """Return the files delivered by *known_at*, and notices of what is none."""
        with self._reachable(self.uri):
            self._fs.invalidate_cache()
            if not self._fs.exists(self._root or "/"):
                raise FileNotFoundError(self.uri)
        files: list[ListedFile] = []
        notices: list[str] = []
        for feed in FEEDS:
            for entry in self._entries(f"{self._root}/{feed}"):
                delivered_on = _delivery_date(_name(entry))
                if delivered_on is None or not self._is_folder(entry):
                    notices.append(f"{feed}/{_name(entry)} is no delivery: not read")
                elif known_at is None or delivered_on <= known_at:
                    found, others = self._delivery(feed, delivered_on, entry["name"])
                    files += found
                    notices += others
        return files, notices

    def _delivery(
        self, feed: str, delivered_on: dt.date, folder: str
    ) -> tuple[list[ListedFile], list[str]]:
        files, notices = [], []
        for entry in self._entries(folder):
            size = entry.get("size") if entry["type"] == "file" else None
            file = ListedFile(feed, delivered_on, _name(entry), entry["name"], size)
            if self._is_folder(entry):
                notices.append(f"{file.place}/ lies inside a delivery: not read")
            else:
                _refuse_unusable_name(file)
                files.append(file)
        return files, notices

    def _entries(self, folder: str) -> list[dict[str, Any]]:
        """Return what lies in a folder, by name; one that is not there is empty.

        Each folder is asked for by itself: ``find`` would pass over one that cannot
        be read, and so lose a delivery without a word.
        """
        with self._reachable(folder):
            try:
                found = self._fs.ls(folder, detail=True)
            except (FileNotFoundError, NotADirectoryError):
                return []
        own = folder.strip("/")
        inside = [info for info in found if str(info["name"]).strip("/") != own]
        return sorted(inside, key=_name)

    def _is_folder(self, entry: dict[str, Any]) -> bool:
        """Tell a folder from a file; a link is what it leads to."""
        if entry["type"] in {"directory", "file"}:
            return bool(entry["type"] == "directory")
        with self._reachable(entry["name"]):
            if self._fs.isdir(entry["name"]):
                return True
            if not self._fs.isfile(entry["name"]):
                # To read a pipe would wait for ever.
                message = "neither a file nor a folder, or a link to nothing"
                raise ValueError(message)
        return False

    def fingerprint(self, file: ListedFile) -> str:
        """Return the source's mark of a file's state: size, times, ETag."""
        with self._reachable(file.path):
            return str(self._fs.ukey(file.path))

    def copy(self, file: ListedFile, out: BinaryIO | None) -> Copied:
        """Read a file once, into *out* if given; return what was read.

        Raises:
            SourceError: it cannot be read, or it changed while it was read.
        """
        before = self.fingerprint(file)
        digest, size = hashlib.sha256(), 0
        for block in self._blocks(file):
            digest.update(block)
            size += len(block)
            if out:
                out.write(block)
        is_whole = file.size is None or file.size == size
        if not is_whole or self.fingerprint(file) != before:
            message = (
                f"{self._secrets.masked(file.path)} changed while it was read "
                f"({size:,} bytes seen); nothing was published. Run again when the "
                "sender has finished."
            )
            raise SourceError(message)
        return Copied(digest.hexdigest(), size, before)

    def _blocks(self, file: ListedFile) -> Iterator[bytes]:
        # What fails where the blocks go is no fault of the source: it passes by.
        with self._reachable(file.path), self._fs.open(file.path, "rb") as stream:
            while block := stream.read(BLOCK_BYTES):
                yield block
            self._fs.invalidate_cache(file.path)

    @contextlib.contextmanager
    def _reachable(self, path: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            message = (
                f"{self._secrets.masked(path)} cannot be read "
                f"({self._reason(error)}); nothing was published. Check the source "
                "and run again."
            )
            raise SourceError(message) from error

    def _reason(self, error: Exception) -> str:
        if isinstance(error, OSError) and error.strerror:
            return self._secrets.masked(error.strerror)
        if isinstance(error, FileNotFoundError):
            return "No such file or directory"
        first = (str(error).splitlines() or [""])[0].rstrip(".")
        return self._secrets.masked(first) or type(error).__name__


def _name(entry: dict[str, Any]) -> str:
    return str(entry["name"]).rstrip("/").rpartition("/")[2]


def _delivery_date(name: str) -> dt.date | None:
    if not _DELIVERY.fullmatch(name):
        return None
    try:
        return dt.date.fromisoformat(name)
    except ValueError:
        return None


def _refuse_unusable_name(file: ListedFile) -> None:
    """A name is evidence: it must be text that a person can read and type."""
    if any(unicodedata.category(mark) in _UNUSABLE_IN_NAMES for mark in file.name):
        message = (
            f"{file.feed}/{file.delivered_on}/{file.name!a} has a name that is "
            "not UTF-8 or holds control characters; nothing was published. Ask the "
            "sender to deliver it under a readable name."
        )
        raise DataError(message)
