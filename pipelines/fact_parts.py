"""The parts that facts are kept in, under ``facts/`` of a home.

A folder holds those of one catalogue of offers: Parquet files named by their digests,
and an index that says which files' facts they are.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pipelines.files import (
    canonical_json,
    digest_of,
    link_or_copy,
    sha256_of_file,
    write_atomically,
)
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

    def hold(self, part: Part, work: Path) -> bool:
        """Hold the facts of a part for this run; return if all are as written.

        Another run may find that they are of no use, and remove them.
        """
        # Parquet with a flipped bit reads as other values, without a word.
        return part.tables.keys() == set(FACTS) and all(
            self._held(sha256, work) for sha256 in part.tables.values()
        )

    def add(self, draft: Path, work: Path) -> str:
        """Put a fact here, and hold it for this run; return its digest."""
        sha256 = sha256_of_file(draft)
        self._folder.mkdir(parents=True, exist_ok=True)
        draft.replace(_own(sha256, work))
        link_or_copy(_own(sha256, work), draft)
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

    def _held(self, sha256: str, work: Path) -> bool:
        own = _own(sha256, work)
        if not own.exists():
            try:
                link_or_copy(self._path(sha256), own)
            except FileNotFoundError:
                return False
        return sha256_of_file(own) == sha256

    def _path(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.parquet"


def held(parts: Iterable[Part], fact: str, work: Path) -> list[Path]:
    """Return the files that a run holds of one fact of some parts."""
    return [_own(part.tables[fact], work) for part in parts]


def _own(sha256: str, work: Path) -> Path:
    return work / f"{sha256}.parquet"


def _part(written: dict[str, Any]) -> Part:
    files = {place: Sighting(**seen) for place, seen in written["files"].items()}
    return Part(files, written["tables"], written["held"])
