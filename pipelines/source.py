"""Where the extracts are delivered: ``SOURCE/<feed>/<YYYY-MM-DD>/<file>``."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.connection import (
    Connection,
    fingerprint_of,
    name_of,
    says_more_than_size,
)
from pipelines.errors import DataError, SourceError, UsageError
from pipelines.feeds import FEEDS

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import BinaryIO

    from pipelines.connection import Entry

# Listing waits for the source; few enough lines for any server.
LISTERS = 4
_DELIVERY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Control characters, and the bytes of a name that is not UTF-8.
_UNUSABLE_IN_NAMES = {"Cc", "Cs"}


@dataclass(frozen=True)
class ListedFile:
    """One file that a source lists in a delivery."""

    feed: str
    delivered_on: dt.date
    name: str
    path: str
    size: int | None
    # The source's own mark of the file's state: its size, times, ETag.
    fingerprint: str

    @property
    def place(self) -> str:
        """How messages and receipts name the file."""
        return f"{self.feed}/{self.delivered_on}/{self.name}"


@dataclass(frozen=True)
class Copied:
    """What was read of a file."""

    sha256: str
    size: int


@dataclass(frozen=True)
class _Delivery:
    feed: str
    delivered_on: dt.date
    path: str


class Source:
    """The folder or URI that the feeds lie under; some of them, if told which."""

    def __init__(self, uri: str, feeds: Collection[str] = tuple(FEEDS)) -> None:
        if not uri.strip() or not _is_text(uri):
            fault = "no readable text" if uri.strip() else "blank"
            message = (
                f"--source is {fault}; nothing was published. Give a folder or a URI "
                "that fsspec knows."
            )
            raise UsageError(message)
        self._connection, self._feeds = Connection(uri), feeds
        self.uri = self._connection.uri

    def listing(
        self, known_at: dt.date | None = None
    ) -> tuple[list[ListedFile], list[str]]:
        """Return the files delivered by *known_at*, and notices of what is none."""
        self._connection.refuse_missing()
        files: list[ListedFile] = []
        notices: list[str] = []
        with ThreadPoolExecutor(max_workers=LISTERS) as pool:
            for deliveries, others in pool.map(self._deliveries, self._feeds):
                notices += others
                known = [
                    d for d in deliveries if not known_at or d.delivered_on <= known_at
                ]
                for found, more in pool.map(self._files, known):
                    files += found
                    notices += more
        return files, sorted(notices)

    def _deliveries(self, feed: str) -> tuple[list[_Delivery], list[str]]:
        deliveries, notices = [], []
        for entry in self._connection.entries(self._connection.folder_of(feed)):
            delivered_on = _delivery_date(name_of(entry))
            if delivered_on and self._connection.is_folder(entry):
                deliveries.append(_Delivery(feed, delivered_on, entry["name"]))
            else:
                notices.append(f"{feed}/{name_of(entry)} is no delivery: not read")
        return deliveries, notices

    def _files(self, delivery: _Delivery) -> tuple[list[ListedFile], list[str]]:
        files, notices = [], []
        for entry in self._connection.entries(delivery.path):
            if self._connection.is_folder(entry):
                place = f"{delivery.feed}/{delivery.delivered_on}/{name_of(entry)}"
                notices.append(f"{place}/ lies inside a delivery: not read")
            else:
                files.append(self._file(delivery, entry))
                _refuse_unusable_name(files[-1])
        return files, notices

    def _file(self, delivery: _Delivery, entry: Entry) -> ListedFile:
        name, path = name_of(entry), entry["name"]
        if entry["type"] != "file" or not says_more_than_size(entry):
            entry = self._connection.look(path)
        return ListedFile(
            delivery.feed,
            delivery.delivered_on,
            name,
            path,
            entry.get("size"),
            fingerprint_of(entry),
        )

    def copy(self, file: ListedFile, out: BinaryIO | None) -> Copied:
        """Read a file once, into *out* if given; return what was read.

        Raises:
            SourceError: it cannot be read, or it changed while it was read.
        """
        before = fingerprint_of(self._connection.look(file.path))
        digest, size = hashlib.sha256(), 0
        for block in self._connection.blocks(file.path):
            digest.update(block)
            size += len(block)
            if out:
                out.write(block)
        is_whole = file.size is None or file.size == size
        if not is_whole or fingerprint_of(self._connection.look(file.path)) != before:
            message = (
                f"{self._connection.masked(file.path)} changed while it was read "
                f"({size:,} bytes seen); nothing was published. Run again when the "
                "sender has finished."
            )
            raise SourceError(message)
        return Copied(digest.hexdigest(), size)


def _delivery_date(name: str) -> dt.date | None:
    if not _DELIVERY.fullmatch(name):
        return None
    try:
        return dt.date.fromisoformat(name)
    except ValueError:
        return None


def _is_text(name: str) -> bool:
    return all(unicodedata.category(mark) not in _UNUSABLE_IN_NAMES for mark in name)


def _refuse_unusable_name(file: ListedFile) -> None:
    """A name is evidence: it must be text that a person can read and type."""
    if not _is_text(file.name):
        message = (
            f"{file.feed}/{file.delivered_on}/{file.name!a} has a name that is "
            "not UTF-8 or holds control characters; nothing was published. Ask the "
            "sender to deliver it under a readable name."
        )
        raise DataError(message)
