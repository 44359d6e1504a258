"""Where released files go: a folder, or any address that fsspec knows.

A file shows there under its name whole or not at all, and is never overwritten: it is
written under a draft name and renamed. Object stores, where a write is whole or not
at all by itself, are asked to refuse a name that is taken.
"""

from __future__ import annotations

import contextlib
import os
import re
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.errors import DestinationError, LedgerError, UsageError
from pipelines.files import PRIVATE_FILE, sync

if TYPE_CHECKING:
    from collections.abc import Iterator

RENAMING = {"sftp", "ssh", "smb", "ftp"}


class Found(Enum):
    """What is at the destination of a file that may have been placed."""

    THERE = "there"
    DRAFT = "draft"
    NOTHING = "nothing"


class Destination:
    """The folder of one batch at a payout destination."""

    def __init__(self, uri: str, batch_id: str) -> None:
        import fsspec

        try:
            self._fs, root = fsspec.core.url_to_fs(uri)
        except (ImportError, ValueError, OSError) as error:
            message = (
                f"the destination cannot be opened ({type(error).__name__}); nothing "
                "was sent: give a folder, or an address that fsspec knows, such as "
                "sftp://HOST/FOLDER."
            )
            raise UsageError(message) from None
        self._folder = f"{root.rstrip('/')}/{batch_id}"
        self.uri = _without_secrets(uri) if "://" in uri else f"file://{root}"
        protocols = self._fs.protocol
        names = {protocols} if isinstance(protocols, str) else set(protocols)
        self._is_local = "file" in names
        self._renames = self._is_local or bool(names & RENAMING)

    def make(self) -> None:
        """Make the folder, if it is not there: a first sign that it can be written."""
        with self._trouble():
            self._fs.makedirs(self._folder, exist_ok=True)

    def write_draft(self, name: str, content: bytes) -> None:
        """Write a file under a name that nobody takes for the real one."""
        if not self._renames:
            return
        with self._trouble():
            if self._is_local:
                _write_private(Path(self._draft(name)), content)
            else:
                self._fs.pipe_file(self._draft(name), content)

    def find(self, name: str, content: bytes) -> Found:
        """Return what is there of a file.

        Raises:
            LedgerError: something else bears its name.
        """
        with self._trouble():
            # A listing that was kept would not show what others did since.
            self._fs.invalidate_cache()
            if self._fs.exists(self._final(name)):
                if self._fs.cat_file(self._final(name)) == content:
                    return Found.THERE
                message = (
                    f"{self.uri} holds another file {name} of this batch; nothing was "
                    "overwritten: find out who put it there."
                )
                raise LedgerError(message)
            if self._renames and self._fs.exists(self._draft(name)):
                return Found.DRAFT
            return Found.NOTHING

    def finish(self, name: str, content: bytes) -> None:
        """Give a file its name, unless it has it already."""
        found = self.find(name, content)
        with self._trouble():
            if found is Found.NOTHING:
                self.write_draft(name, content)
            if found is Found.THERE:
                if self._renames and self._fs.exists(self._draft(name)):
                    self._fs.rm_file(self._draft(name))
            elif not self._renames:
                self._fs.pipe_file(self._final(name), content, mode="create")
            elif self._is_local:
                # A link fails if the name is taken; a rename would overwrite.
                os.link(self._draft(name), self._final(name))
                Path(self._draft(name)).unlink()
                sync(Path(self._folder))
            else:
                self._fs.mv(self._draft(name), self._final(name))

    def _final(self, name: str) -> str:
        return f"{self._folder}/{name}"

    def _draft(self, name: str) -> str:
        return f"{self._folder}/.{name}.part"

    @contextlib.contextmanager
    def _trouble(self) -> Iterator[None]:
        """Say in one sentence that the destination did not do as asked."""
        try:
            yield
        except LedgerError:
            raise
        except Exception as error:
            message = (
                f"the destination {self.uri} failed ({_what(error)}); the batch is "
                "not known to be sent: see that it can be written, then release the "
                "batch again, to go on where it stopped."
            )
            raise DestinationError(message) from error


def _without_secrets(uri: str) -> str:
    """Return an address without user name and password: many eyes see it.

    >>> _without_secrets("sftp://me:a/b@c@host/in/"), _without_secrets("s3://b/x@y")
    ('sftp://host/in', 's3://b/x@y')
    """
    user = r"//[^/@]*:.*@|//[^/@]*@"
    return re.sub(user, "//", uri.rstrip("/"), count=1)


def _what(error: Any) -> str:
    return str(getattr(error, "strerror", None) or type(error).__name__)


def _write_private(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    sync(path)
