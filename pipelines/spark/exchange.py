"""How rows get to Spark and back: through the home that all share, or through a store.

Spark is told addresses alone. Senders name files, and Spark leaves out, without a word,
what begins with an underscore: so none of their names is told to it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pipelines.spark.object_store import SENDERS, ObjectStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Exchange(Protocol):
    """What one run hands over to Spark, and takes back."""

    @property
    def folder(self) -> Path:
        """Where this machine keeps what belongs to the exchange."""

    @property
    def out(self) -> str:
        """Where Spark is to write, each table into a folder of its own."""

    def rows(self, table: str, files: Sequence[tuple[str, Path]]) -> list[str]:
        """Return where Spark reads files of typed rows, each with its digest."""

    def small(self, path: Path) -> str:
        """Return where Spark reads a file that belongs to this run."""

    def written(self, table: str) -> list[Path]:
        """Return the files of a table that Spark wrote, in their order, here."""

    def end(self) -> None:
        """Leave nothing behind but what the next run can use."""


@dataclass(frozen=True)
class SharedFolder:
    """A folder that all machines share: everything is read where it lies."""

    folder: Path

    @property
    def out(self) -> str:
        """The folder itself."""
        return str(self.folder.absolute())

    def rows(self, table: str, files: Sequence[tuple[str, Path]]) -> list[str]:
        """Return a folder of links."""
        links = self.folder / "typed" / table
        links.mkdir(parents=True)
        for number, (_, path) in enumerate(files):
            (links / f"{number}.parquet").symlink_to(path.absolute())
        return [str(links.absolute())]

    def small(self, path: Path) -> str:
        """Return the file itself."""
        return str(path.absolute())

    def written(self, table: str) -> list[Path]:
        """Return the files as Spark left them."""
        return sorted((self.folder / table).glob("*.parquet"))

    def end(self) -> None:
        """Leave the folder to the run, whose it is."""


class ThroughStore:
    """A store that all machines reach: files are sent there, and fetched."""

    def __init__(self, store: ObjectStore, folder: Path) -> None:
        self.folder, self._store = folder, store
        self._own = f"runs/{folder.name}"

    @property
    def out(self) -> str:
        """The folder of the run in the store."""
        return self._store.url(self._own)

    def rows(self, table: str, files: Sequence[tuple[str, Path]]) -> list[str]:
        """Send what earlier runs did not; the same rows are read once."""
        del table
        with ThreadPoolExecutor(SENDERS) as senders:
            kept = senders.map(lambda one: self._store.keep(one[1], one[0]), files)
            return sorted(set(kept))

    def small(self, path: Path) -> str:
        """Send a file of the run."""
        return self._store.put(path, f"{self._own}/{path.name}")

    def written(self, table: str) -> list[Path]:
        """Fetch the files of a table."""
        names = [
            name
            for name in self._store.names(f"{self._own}/{table}")
            if name.endswith(".parquet")
        ]
        paths = [self.folder / table / name.rpartition("/")[2] for name in names]
        with ThreadPoolExecutor(SENDERS) as senders:
            list(senders.map(self._store.get, names, paths))
        return paths

    def end(self) -> None:
        """Remove the folder of the run from the store; typed rows stay."""
        self._store.clear(self._own)


def exchange_through(store: str | None, folder: Path) -> Exchange:
    """Return the exchange of a run that has a *folder*, through a store if any."""
    folder.mkdir()
    if store is None:
        return SharedFolder(folder)
    return ThroughStore(ObjectStore(store), folder)
