"""Where released files go: a folder, or any address that fsspec knows.

A file shows there under its name whole or not at all, and is never overwritten: it is
written under a draft name and renamed to one that is free. Object stores, where a
write is whole or not at all by itself, are asked to refuse a name that is taken.
"""

from __future__ import annotations

import contextlib
import os
import re
from enum import Enum
from pathlib import Path

from pipelines.addresses import split_address
from pipelines.errors import DestinationError, LedgerError, UsageError
from pipelines.files import PRIVATE_FILE, sync
from pipelines.filesystems import SFTP, open_address, reason_of, refused_as
from pipelines.masking import SecretsOf

RENAMING = {*SFTP, "smb", "ftp"}


class Found(Enum):
    """What is at the destination of a file that may have been placed."""

    THERE = "there"
    DRAFT = "draft"
    NOTHING = "nothing"


class Destination:
    """The folder of one batch at a payout destination."""

    def __init__(self, uri: str, batch_id: str) -> None:
        """Open the address.

        Raises:
            UsageError: nothing here can open such an address.
            DestinationError: it cannot be reached.
        """
        self._secrets = SecretsOf(uri)
        # Many eyes see it, so it is without user name and password.
        bare, _ = split_address(uri)
        self.uri = self._secrets.masked(_without_user(bare.rstrip("/")))
        try:
            with self._trouble():
                self._fs, root = open_address(uri)
        except DestinationError as error:
            if isinstance(error.__cause__, ImportError | ValueError):
                raise _unknown(error.__cause__) from None
            raise
        self._root, self._folder = root, f"{root.rstrip('/')}/{batch_id}"
        protocols = self._fs.protocol
        names = {protocols} if isinstance(protocols, str) else set(protocols)
        self._is_local = "file" in names
        self._is_sftp = hasattr(self._fs, "ftp") and bool(names & set(SFTP))
        self._is_s3 = "s3" in names
        self._renames = self._is_local or bool(names & RENAMING)
        if "://" not in uri:
            self.uri = f"file://{root}"

    def make(self) -> None:
        """Make the folder, if it is not there: a first sign that it can be written."""
        with self._trouble():
            if self._is_s3:
                # Objects need no folder; and a bucket that a slip names is not made.
                bucket = self._root.partition("/")[0]
                if not self._fs.exists(bucket):
                    message = f"no bucket {bucket}"
                    raise FileNotFoundError(message)
            else:
                self._fs.makedirs(self._folder, exist_ok=True)

    def write_draft(self, name: str, content: bytes) -> None:
        """Write a file under a name that nobody takes for the real one."""
        if not self._renames:
            return
        with self._trouble():
            if self._is_local:
                _write_private(Path(self._draft(name)), content)
            elif self._is_sftp:
                with self._fs.open(self._draft(name), "wb") as stream:
                    self._keep_private(self._draft(name))
                    stream.write(content)
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
            if self._is_there(self._final(name)):
                if self._fs.cat_file(self._final(name)) == content:
                    return Found.THERE
                message = (
                    f"{self.uri} holds another file {name} of this batch; nothing was "
                    "overwritten: find out who put it there."
                )
                raise LedgerError(message)
            if self._renames and self._is_there(self._draft(name)):
                return Found.DRAFT
            return Found.NOTHING

    def finish(self, name: str, content: bytes) -> None:
        """Give a file its name, unless it has it already."""
        found = self.find(name, content)
        with self._trouble():
            if found is Found.NOTHING:
                self.write_draft(name, content)
            if found is Found.THERE:
                if self._renames and self._is_there(self._draft(name)):
                    self._fs.rm_file(self._draft(name))
            elif not self._renames:
                self._fs.pipe_file(self._final(name), content, mode="create")
            elif self._is_local:
                # A link fails if the name is taken; a rename would overwrite.
                os.link(self._draft(name), self._final(name))
                Path(self._draft(name)).unlink()
                sync(Path(self._folder))
            elif self._is_sftp:
                # The plain rename fails if the name is taken; fsspec's overwrites.
                self._fs.ftp.rename(self._draft(name), self._final(name))
            else:
                self._fs.mv(self._draft(name), self._final(name))

    def _is_there(self, path: str) -> bool:
        """Tell whether a file is there; fsspec's own takes trouble for a no."""
        try:
            self._fs.info(path)
        except FileNotFoundError:
            return False
        return True

    def _keep_private(self, path: str) -> None:
        """Keep others on the server from reading a file that names accounts."""
        # A server without such rights keeps its own.
        with contextlib.suppress(OSError):
            self._fs.ftp.chmod(path, PRIVATE_FILE)

    def _final(self, name: str) -> str:
        return f"{self._folder}/{name}"

    def _draft(self, name: str) -> str:
        return f"{self._folder}/.{name}.part"

    def _trouble(self) -> contextlib.AbstractContextManager[None]:
        """Say in one sentence that the destination did not do as asked."""
        return refused_as(self._failed)

    def _failed(self, error: Exception) -> DestinationError:
        return DestinationError(
            f"the destination {self.uri} failed "
            f"({reason_of(error, self._secrets.masked)}); the batch "
            "is not known to be sent: see that it can be written, then release the "
            "batch again, to go on where it stopped."
        )


def _without_user(uri: str) -> str:
    """Return an address without user name and password, whatever the password holds.

    >>> _without_user("sftp://me:a/b@c@host/in"), _without_user("s3://b/x@y")
    ('sftp://host/in', 's3://b/x@y')
    """
    return re.sub(r"//[^/@]*:.*@|//[^/@]*@", "//", uri, count=1)


def _unknown(error: BaseException) -> UsageError:
    return UsageError(
        f"the destination cannot be opened ({type(error).__name__}); nothing was sent: "
        "give a folder, or an address that fsspec knows, such as sftp://HOST/FOLDER."
    )


def _write_private(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    sync(path)
