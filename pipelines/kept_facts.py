"""What the models need of the billing rows, kept from night to night.

Under ``facts/`` of a home lie parts: each holds the facts of the files that were new to
one run. A later run takes the parts whose files are all still in force, and reads none
of their rows: it computes the facts of the other files, which become a new part.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import structlog

from pipelines import engine
from pipelines.decide import build_facts
from pipelines.files import canonical_json, digest_of, sha256_of_file, write_atomically
from pipelines.inputs import add_view
from pipelines.models import FACTS
from pipelines.versions import facts_version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb
    import pyarrow as pa

    from pipelines.validated import ValidatedFile

    Billing = Mapping[str, ValidatedFile]  # the files of the feed, by their places

log = structlog.get_logger(__name__)

INDEX = "index.json"
# With more of them, all are computed once more: many small files are slow to open.
MOST_PARTS = 32
_IDS = "facts/dynamics_ids"
_PARQUET = "(format parquet, compression zstd, compression_level 1)"
# Rows of a subscription that is known to be of Dynamics 365 now, and was not when the
# part was made: no fact of them is kept.
_MISSING = """
select count(*)
from ({subscriptions}) as billed
inner join dynamics_ids using (syndication_partner_subscription_number)
where not exists (
    select 1 from ({rows}) as kept
    where kept.syndication_partner_subscription_number
    = billed.syndication_partner_subscription_number
)
"""


@dataclass(frozen=True)
class Part:
    """The facts of some files."""

    # The digest of the typed rows of each file, by its place.
    files: dict[str, str]
    # The digest of each fact, which is the name of its Parquet file, too.
    tables: dict[str, str]


class KeptFacts:
    """The facts that a home keeps under one catalogue of offers."""

    def __init__(self, home: Path, catalog: pa.Table) -> None:
        self._folder = home / "facts" / digest_of(catalog.to_pylist())[:32]

    def build(
        self, con: duckdb.DuckDBPyConnection, files: Sequence[ValidatedFile], work: Path
    ) -> None:
        """Build every fact as a table: from what is kept, and from what is new."""
        billing = {
            file.file.place: file for file in files if file.file.feed == "billing"
        }
        if not billing:
            build_facts(con)
            return
        known = self._known()
        parts = [part for part in known if self._is_usable(part, billing)]
        if len(parts) >= MOST_PARTS:
            parts = []
        parts = self._complete(con, parts, billing)
        new = _without(parts, billing)
        tables = self._build(con, parts, new, work)
        if new and not _is_ahead(known, billing):
            made = Part({p: f.facts.validated_sha256 for p, f in new.items()}, tables)
            self._keep([*parts, made], work)
        log.info("facts_built", files_read=len(new), parts=len(parts))
        _add_billing(con, billing)

    def _known(self) -> list[Part]:
        try:
            index: dict[str, Any] = json.loads((self._folder / INDEX).read_bytes())
            if index["version"] != facts_version():
                return []
            return [Part(**part) for part in index["parts"]]
        except (OSError, ValueError, TypeError, KeyError):
            return []

    def _is_usable(self, part: Part, billing: Billing) -> bool:
        """Whether its files are in force, as they were, and its facts intact."""
        in_force = {p: f.facts.validated_sha256 for p, f in billing.items()}
        return (
            part.files.items() <= in_force.items()
            and part.tables.keys() == set(FACTS)
            and all(self._is_intact(sha256) for sha256 in part.tables.values())
        )

    def _is_intact(self, sha256: str) -> bool:
        path = self._path(sha256)
        # Parquet with a flipped bit reads as other values, without a word.
        return path.is_file() and sha256_of_file(path) == sha256

    def _path(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.parquet"

    def _complete(
        self, con: duckdb.DuckDBPyConnection, parts: Sequence[Part], billing: Billing
    ) -> list[Part]:
        """Return the parts that hold every row of what is of Dynamics 365 by now."""
        if not parts:
            return []
        self._build_one(con, _IDS, parts, _without(parts, billing))
        return [part for part in parts if self._has_all_rows(con, part)]

    def _has_all_rows(self, con: duckdb.DuckDBPyConnection, part: Part) -> bool:
        billed, rows = (
            engine.rows_of([self._path(part.tables[fact])])
            for fact in ("facts/billed_subscriptions", "facts/dynamics_rows")
        )
        query = _MISSING.format(subscriptions=billed, rows=rows)
        return con.execute(query).fetchall() == [(0,)]

    def _build(
        self,
        con: duckdb.DuckDBPyConnection,
        parts: Sequence[Part],
        new: Billing,
        work: Path,
    ) -> dict[str, str]:
        """Build every fact; return the digests of those of the new files."""
        digests = {}
        for fact in FACTS:
            draft = work / uuid.uuid4().hex
            self._build_one(con, fact, parts, new, draft)
            if new:
                digests[fact] = sha256_of_file(draft)
                self._folder.mkdir(parents=True, exist_ok=True)
                draft.replace(self._path(digests[fact]))
        return digests

    def _build_one(
        self,
        con: duckdb.DuckDBPyConnection,
        fact: str,
        parts: Sequence[Part],
        new: Billing,
        draft: Path | None = None,
    ) -> None:
        """Build one fact of the new files, write it, and add what the parts have."""
        table, rows = fact.rpartition("/")[2], []
        if new:
            _add_billing(con, new)
            engine.build(con, fact)
            rows.append(f"from {table}")
            if draft:
                con.execute(f"copy {table} to {engine.quoted_path(draft)} {_PARQUET}")
        if parts:
            rows.append(
                engine.rows_of([self._path(part.tables[fact]) for part in parts])
            )
            every_row = "all" if fact != _IDS else ""
            union = f" union {every_row} ".join(rows)
            con.execute(f"create or replace temporary table {table} as {union}")

    def _keep(self, parts: Sequence[Part], work: Path) -> None:
        """Name the parts that a later run may take, and remove all others."""
        index = {"version": facts_version(), "parts": [asdict(part) for part in parts]}
        write_atomically(self._folder / INDEX, canonical_json(index), work)
        named = {sha256 for part in parts for sha256 in part.tables.values()}
        for path in self._folder.glob("*.parquet"):
            if path.stem not in named:
                path.unlink(missing_ok=True)


def _without(parts: Sequence[Part], billing: Billing) -> Billing:
    covered = {place for part in parts for place in part.files}
    return {place: file for place, file in billing.items() if place not in covered}


def _is_ahead(known: Sequence[Part], billing: Billing) -> bool:
    """Whether the parts are of later deliveries: this run looks back at a past day."""
    places = [place for part in known for place in part.files]
    return max(map(_delivery, places), default="") > max(map(_delivery, billing))


def _delivery(place: str) -> str:
    return place.split("/")[1]


def _add_billing(con: duckdb.DuckDBPyConnection, files: Billing) -> None:
    add_view(con, "billing", [file.outputs.validated for file in files.values()])
