"""What the disk said of a file when its bytes were known: enough if nobody reads it.

A file that is written again, even with the same bytes, looks otherwise afterwards. One
that decayed does not: whoever reads it computes its digest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Sighting:
    """The digest of a file, and its size, times and number on the disk."""

    sha256: str
    state: list[int]

    def sha256_if_same(self, path: Path) -> str | None:
        """Return the digest of a file that nobody has written since, else None."""
        return self.sha256 if path.is_file() and _state(path) == self.state else None


def sighted(path: Path, sha256: str) -> Sighting:
    """Return what the disk says now of a file with that digest."""
    return Sighting(sha256, _state(path))


def _state(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]
