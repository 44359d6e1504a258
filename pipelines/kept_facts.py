"""What the models need of the billing rows, kept from night to night.

A part holds the facts of the files that were new to one run. A later run takes the
parts whose files are all still in force, and reads none of their rows: it computes the
facts of the other files, which become a new part.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from pipelines import engine
from pipelines.billing_rows import add_rows, billing_of, refuse_damaged
from pipelines.campaign import campaign_tables
from pipelines.decide import build_facts
from pipelines.fact_parts import FactParts, Part, held
from pipelines.models import FACTS
from pipelines.sightings import sighted
from pipelines.suites import JudgedRows, load_suites
from pipelines.united_facts import unite

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import duckdb

    from pipelines.billing_rows import Billing
    from pipelines.campaign import Campaign
    from pipelines.expectations import Verdict
    from pipelines.sightings import Sighting
    from pipelines.validated import ValidatedFile


log = structlog.get_logger(__name__)

# The rows of which it is not known that they held what is asked of rows, and a count.
JUDGED = JudgedRows("unjudged_billing", "counted_billing")
# With more parts, all is computed once more: many small files are slow to open.
MOST_PARTS = 32
# By which the rows of the other facts are chosen, and which no model reads.
_IDS = "facts/dynamics_ids"
_OTHERS = tuple(fact for fact in FACTS if fact != _IDS)
# Subscriptions that are known to be of Dynamics 365 now, and were not when the part was
# made: no fact of their rows is kept. The ids that are new to the part are few, so that
# few of its rows are looked at.
_MISSING = """
with
late as materialized (
    from dynamics_ids
    anti join ({ids}) using (syndication_partner_subscription_number)
),
billed as materialized (
    from ({subscriptions})
    semi join late using (syndication_partner_subscription_number)
)
select count(*)
from billed
anti join ({keys}) using (syndication_partner_subscription_number)
"""


class KeptFacts:
    """The facts of a run's billing rows, and whether these hold what is asked."""

    def __init__(self, home: Path, campaign: Campaign) -> None:
        self._kept = FactParts(home, campaign_tables(campaign)["sku_catalog"])
        (self._suite,) = load_suites(["billing"])
        self._asked = self._suite.of_rows_digest
        self._known: list[Part] = []
        self._parts: list[Part] = []
        self._billing: Billing = {}
        self._work: Path | None = None

    def seen(self) -> dict[str, Sighting]:
        """Return what earlier runs saw of the typed files that need not be read."""
        known = self._kept.known()
        return {place: seen for part in known for place, seen in part.files.items()}

    def build(
        self, con: duckdb.DuckDBPyConnection, files: Sequence[ValidatedFile], work: Path
    ) -> None:
        """Build every fact: from what is kept, and from what is new.

        Raises:
            DataError: rows must be read that have other bytes than were written.
        """
        self._work = work
        self._billing = billing_of(files)
        if not self._billing:
            build_facts(con)
            self._add_judged(con)
            return
        self._known = self._kept.known()
        parts = [part for part in self._known if self._is_usable(part, work)]
        if len(parts) >= MOST_PARTS:
            parts = []
        refuse_damaged(self._others(parts))
        parts = self._complete(con, parts, work)
        new = self._others(parts)
        refuse_damaged(new)
        if new:
            parts = [*parts, self._made(con, parts, new, work)]
        unite(con, {fact: held(parts, fact, work) for fact in _OTHERS}, work)
        log.info("facts_built", files_read=len(new), parts=len(parts))
        self._parts = parts
        self._keep()
        add_rows(con, "billing", self._billing)
        self._add_judged(con)

    def judge_all(
        self, con: duckdb.DuckDBPyConnection, files: Sequence[ValidatedFile]
    ) -> None:
        """Have every billing row judged, and keep nothing: facts come from elsewhere.

        Raises:
            DataError: rows must be read that have other bytes than were written.
        """
        self._billing, self._parts, self._known = billing_of(files), [], []
        self._add_judged(con)

    def hold(self, verdicts: Sequence[Verdict]) -> None:
        """Remember if every row held all that was asked of it."""
        held = [verdict.expected for verdict in verdicts if verdict.passed]
        if self._billing and all(one in held for one in self._suite.of_rows):
            self._parts = [replace(part, held=self._asked) for part in self._parts]
            self._keep()

    def _is_usable(self, part: Part, work: Path) -> bool:
        """Whether its files are in force, as they were, and its facts intact."""
        in_force = {p: f.facts.validated_sha256 for p, f in self._billing.items()}
        is_in_force = part.digests().items() <= in_force.items()
        return is_in_force and self._kept.hold(part, work)

    def _complete(
        self, con: duckdb.DuckDBPyConnection, parts: list[Part], work: Path
    ) -> list[Part]:
        """Return the parts that hold every row of what is of Dynamics 365 by now."""
        if not parts:
            return []
        ids = held(parts, _IDS, work)
        if new := self._others(parts):
            ids.append(_write_ids(con, new, work))
        _unite_ids(con, ids)
        return [part for part in parts if _has_all_rows(con, part, work)]

    def _made(
        self,
        con: duckdb.DuckDBPyConnection,
        parts: list[Part],
        new: Billing,
        work: Path,
    ) -> Part:
        """Return a new part: the facts of the new files, written down."""
        drafts = {_IDS: _write_ids(con, new, work)}
        _unite_ids(con, [*held(parts, _IDS, work), drafts[_IDS]])
        for fact in _OTHERS:
            drafts[fact] = _write(con, fact, work)
            unite(con, {fact: [drafts[fact]]}, work)  # read by those that follow
        digests = {fact: self._kept.add(path, work) for fact, path in drafts.items()}
        return Part({place: _sighted(file) for place, file in new.items()}, digests)

    def _add_judged(self, con: duckdb.DuckDBPyConnection) -> None:
        """Make the tables that stand for all rows where they are judged."""
        judged = [part for part in self._parts if part.held == self._asked]
        unjudged = self._others(judged)
        refuse_damaged(unjudged)
        add_rows(con, JUDGED.unjudged, unjudged)
        rows = sum(file.facts.rows_validated for file in self._billing.values())
        con.execute(
            f"create or replace temporary view {JUDGED.counted} as from range({rows})"
        )

    def _others(self, parts: Iterable[Part]) -> Billing:
        """Return the files that are in none of the parts."""
        covered = {place for part in parts for place in part.files}
        return {p: file for p, file in self._billing.items() if p not in covered}

    def _keep(self) -> None:
        """Keep the parts, unless the run looks back at a past day."""
        places = [place for part in self._known for place in part.files]
        if max(map(_delivery, places), default="") > max(map(_delivery, self._billing)):
            return
        # Each was looked at, or looks as it did when it was.
        parts = [
            replace(part, files={p: _sighted(self._billing[p]) for p in part.files})
            for part in self._parts
        ]
        if parts != self._known:
            self._kept.keep(parts, self._work)
            self._known = parts


def _write_ids(con: duckdb.DuckDBPyConnection, new: Billing, work: Path) -> Path:
    """Write the ids of Dynamics 365 in new files; ``billing`` is their rows now."""
    add_rows(con, "billing", new)
    return _write(con, _IDS, work)


def _unite_ids(con: duckdb.DuckDBPyConnection, paths: list[Path]) -> None:
    con.execute(
        "create or replace temporary table dynamics_ids as "
        f"select distinct * {engine.rows_of(paths)}"
    )


def _write(con: duckdb.DuckDBPyConnection, fact: str, work: Path) -> Path:
    """Write the facts of the rows that are in ``billing`` now."""
    draft = work / uuid.uuid4().hex
    engine.write_model(con, fact, draft)
    return draft


def _has_all_rows(con: duckdb.DuckDBPyConnection, part: Part, work: Path) -> bool:
    ids, subscriptions, keys = (
        engine.rows_of(held([part], fact, work))
        for fact in (_IDS, "facts/billed_subscriptions", "facts/subscription_keys")
    )
    query = _MISSING.format(ids=ids, subscriptions=subscriptions, keys=keys)
    return con.execute(query).fetchall() == [(0,)]


def _sighted(file: ValidatedFile) -> Sighting:
    return sighted(file.outputs.validated, file.facts.validated_sha256)


def _delivery(place: str) -> str:
    return place.split("/")[1]
