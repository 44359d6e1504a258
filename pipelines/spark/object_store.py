"""A store that the machine of the command and all of Spark's workers reach.

Typed rows are kept there by their digests, from run to run; what belongs to one run
lies under a name of its own, and goes with it.
"""

from __future__ import annotations

import contextlib
import uuid
from typing import TYPE_CHECKING

import structlog

from pipelines.errors import SourceError
from pipelines.filesystems import open_address, reason_of, refused_as
from pipelines.spark.place import STORE_SETTING

if TYPE_CHECKING:
    from pathlib import Path

log = structlog.get_logger(__name__)

# A store answers many at once, and each of them waits for it.
SENDERS = 8


class ObjectStore:
    """Files at an address, each under its name.

    Raises:
        SourceError: by every method: the store cannot be reached, or refuses.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        with self._reached():
            self._fs, self._root = open_address(address)

    def url(self, name: str) -> str:
        """Return the address of a file or a folder, as Spark knows it."""
        return f"{self.address}/{name}"

    def has(self, name: str, size: int | None = None) -> bool:
        """Whether a file is there, and of that size if one is given."""
        path = self._path(name)
        with self._reached():
            self._fs.invalidate_cache(path)
            try:
                found = self._fs.info(path)
            except FileNotFoundError:
                return False
        return found["type"] == "file" and size in {None, found["size"]}

    def put(self, path: Path, name: str) -> str:
        """Send a file; return its address."""
        final = draft = self._path(name)
        with self._reached():
            if "file" in self._fs.protocol:
                # Stores need no folders, and show a file when it is whole.
                self._fs.makedirs(final.rpartition("/")[0], exist_ok=True)
                draft = f"{final}.{uuid.uuid4().hex}"
            self._fs.put_file(str(path), draft)
            if draft != final:
                self._fs.mv(draft, final)
        return self.url(name)

    def keep(self, path: Path, sha256: str) -> str:
        """Send a Parquet file with that digest, unless it is there; say where."""
        name = self.kept(sha256)
        # One that was cut short while it was sent is shorter.
        if self.has(name, path.stat().st_size):
            return self.url(name)
        return self.put(path, name)

    def kept(self, sha256: str) -> str:
        """Return the name of the Parquet file with that digest."""
        return f"typed/{sha256}.parquet"

    def get(self, name: str, path: Path) -> None:
        """Fetch a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._reached():
            self._fs.get_file(self._path(name), str(path))

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in a folder, in their order."""
        path = self._path(folder)
        with self._reached():
            self._fs.invalidate_cache(path)
            found = self._fs.ls(path, detail=True)
        inside = [str(entry["name"]) for entry in found if entry["type"] == "file"]
        return sorted(f"{folder}/{name.rpartition('/')[2]}" for name in inside)

    def clear(self, folder: str) -> None:
        """Remove what nobody reads any more; if that fails, it is left."""
        path = self._path(folder)
        try:
            with self._reached(), contextlib.suppress(FileNotFoundError):
                self._fs.invalidate_cache(path)
                self._fs.rm(path, recursive=True)
        except SourceError as error:
            log.warning("left_in_the_store", folder=folder, reason=str(error))

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"

    def _reached(self) -> contextlib.AbstractContextManager[None]:
        return refused_as(self._refusal)

    def _refusal(self, error: Exception) -> SourceError:
        return SourceError(
            f"the store {self.address} of {STORE_SETTING} cannot be used "
            f"({reason_of(error)}); nothing was published. See that it is there "
            "and lets us read and write, then run again."
        )
