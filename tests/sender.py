"""A filesystem whose every step a test can spoil: ``sender://``."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import fsspec
import pytest
from fsspec.spec import AbstractFileSystem

from pipelines.errors import SourceError
from pipelines.files import working_folder
from pipelines.landing import Landing, pull
from pipelines.progress import Progress
from pipelines.source import Source
from tests.scenes import says_what_to_do, tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PLACE = "billing/2019-08-05/two.csv"
BYTES = b"0123456789" * 60_000  # more than two blocks of reading
URI = "sender://depot/in"


class LibraryError(Exception):
    """What a source's own library may raise: no error of the system."""


@dataclass
class Shelf:
    """What the sender has, and what goes wrong there."""

    files: dict[str, bytes] = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)
    when_opened: Callable[[str], None] = lambda _: None
    read_at: dict[str, int] = field(default_factory=dict)
    # Fails once so many bytes of a file were read.
    dies_at: int | None = None
    error: Exception = field(default_factory=lambda: LibraryError("lost"))
    closed_folder: str | None = None


class Sender(AbstractFileSystem):  # type: ignore[misc]
    """A filesystem whose every step a test can spoil."""

    protocol = "sender"
    cachable = False
    shelf: ClassVar[Shelf] = Shelf()

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path.partition("?")[0].removeprefix("sender://").rpartition("@")[2]

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        """List a folder, as an object store does: folders are beginnings of names."""
        path = path.strip("/")
        if self.shelf.closed_folder and path.endswith(self.shelf.closed_folder):
            raise self.shelf.error
        found: dict[str, dict[str, Any]] = {}
        for name, content in self.shelf.files.items():
            if name == path:
                found[name] = self._entry(name, content)
            if name.startswith(f"{path}/"):
                below = name[len(path) + 1 :].partition("/")
                entry = {"name": f"{path}/{below[0]}", "size": 0, "type": "directory"}
                found[below[0]] = entry if below[1] else self._entry(name, content)
        if not found:
            raise FileNotFoundError(path)
        return list(found.values())

    def _entry(self, name: str, content: bytes) -> dict[str, Any]:
        mark = self.shelf.marks.get(name, 0)
        entry = {"name": name, "size": len(content), "type": "file", "mark": mark}
        return entry | {"time": self.shelf.read_at.get(name)}

    def _open(self, path: str, mode: str = "rb", **_: Any) -> io.BytesIO:
        self.shelf.opened.append(path)
        self.shelf.read_at[path] = len(self.shelf.opened)
        content = self.shelf.files[path]
        self.shelf.when_opened(path)
        return Stream(content, self.shelf)


class Stream(io.BytesIO):
    """A file that may end in an error."""

    def __init__(self, content: bytes, shelf: Shelf) -> None:
        super().__init__(content)
        self._shelf = shelf

    def read(self, size: int | None = -1) -> bytes:
        """Read on, unless the source dies before."""
        block = super().read(size)
        dies_at = self._shelf.dies_at
        if dies_at is not None and self.tell() > dies_at:
            raise self._shelf.error
        return block


@pytest.fixture
def shelf() -> Shelf:
    """Return the shelf of the filesystem ``sender://``, with one file on it."""
    fsspec.register_implementation("sender", Sender, clobber=True)
    Sender.shelf = Shelf({f"depot/in/{PLACE}": BYTES})
    return Sender.shelf


def land(home: Path, uri: str = URI) -> Landing:
    """Pull everything that the sender has."""
    with working_folder(home) as work:
        return pull(Source(uri), home, None, work, Progress())


def refusal(home: Path, uri: str = URI) -> str:
    """Pull in vain; return the sentence, after a look that nothing has landed."""
    with pytest.raises(SourceError) as refused:
        land(home, uri)
    assert tree(home / "landing") == {}
    assert tree(home / "receipts") == {}
    message = str(refused.value)
    assert "nothing was published" in message
    assert says_what_to_do(message), message
    return message
