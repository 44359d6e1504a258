"""The parts that facts are kept in, under ``facts/`` of a home.

A folder holds those of one catalogue of offers: Parquet files named by their digests,
and an index that says which files' facts they are.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pipelines.files import canonical_json, digest_of, sha256_of_file, write_atomically
from pipelines.models import FACTS
from pipelines.sightings import Sighting
from pipelines.versions import facts_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pyarrow as pa

INDEX = "index.json"


@dataclass(frozen=True)
class Part:
    """The facts of some files."""

    # The typed rows of each file, by its place.
    files: dict[str, Sighting]
    # The digest of each fact.
    tables: dict[str, str]
    # What was asked of every row of these files, and held.
    held: str | None = None

    def digests(self) -> dict[str, str]:
        """Return the digest of the typed rows of each file."""
        return {place: seen.sha256 for place, seen in self.files.items()}


class FactParts:
    """The folder of the parts under one catalogue."""

    def __init__(self, home: Path, catalog: pa.Table) -> None:
        self._folder = home / "facts" / digest_of(catalog.to_pylist())[:32]

    def known(self) -> list[Part]:
        """Return the parts that the index names, whether or not they are intact."""
        try:
            index: dict[str, Any] = json.loads((self._folder / INDEX).read_bytes())
            if index["version"] != facts_version():
                return []
            return [_part(part) for part in index["parts"]]
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return []

    def is_intact(self, part: Part) -> bool:
        """Whether every fact is there as it was written."""
        files = {sha256: self._path(sha256) for sha256 in part.tables.values()}
        # Parquet with a flipped bit reads as other values, without a word.
        return part.tables.keys() == set(FACTS) and all(
            path.is_file() and sha256_of_file(path) == sha256
            for sha256, path in files.items()
        )

    def paths(self, parts: Iterable[Part], fact: str) -> list[Path]:
        """Return the files that one fact of some parts is in."""
        return [self._path(part.tables[fact]) for part in parts]

    def add(self, draft: Path) -> str:
        """Move a fact here; return its digest."""
        sha256 = sha256_of_file(draft)
        self._folder.mkdir(parents=True, exist_ok=True)
        draft.replace(self._path(sha256))
        return sha256

    def keep(self, parts: Sequence[Part], work: Path | None) -> None:
        """Name the parts that a later run may take, and remove all others."""
        index = {"version": facts_version(), "parts": [asdict(part) for part in parts]}
        write_atomically(self._folder / INDEX, canonical_json(index), work)
        named = {sha256 for part in parts for sha256 in part.tables.values()}
        for path in self._folder.glob("*.parquet"):
            if path.stem not in named:
                path.unlink(missing_ok=True)

    def _path(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.parquet"


def _part(written: dict[str, Any]) -> Part:
    files = {place: Sighting(**seen) for place, seen in written["files"].items()}
    return Part(files, written["tables"], written["held"])
