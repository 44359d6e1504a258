"""Decide a published run again under other terms, and hold it against its own.

Both sides are decided by today's code, from the files that the run names, so that the
terms are all that differs. Nothing is published, and nothing is paid from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.campaign import Campaign, recorded_campaign
from pipelines.difference.states import State, built_state
from pipelines.errors import UsageError
from pipelines.files import digest_of
from pipelines.manifest import MANIFEST
from pipelines.replay import TypedInputs, decided

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal
    from pathlib import Path

    from pipelines.difference.states import Pair
    from pipelines.progress import Progress
    from pipelines.recorded import RecordedRun

# The offers are an input of the run, with bytes of their own.
CATALOG = "products.catalog"


@dataclass(frozen=True)
class Totals:
    """What a decision comes to; the partners are those that earn something."""

    qualified: int
    pending: int
    not_qualified: int
    partners: int
    earned: Decimal
    payable: Decimal


@dataclass(frozen=True)
class WhatIf:
    """A run under its own terms, and under others."""

    run: RecordedRun
    changes: Mapping[str, str]
    before: State
    after: State

    @property
    def changed_pairs(self) -> list[Pair]:
        """The partners and customers that are decided otherwise."""
        pairs = self.before.customers.keys() | self.after.customers.keys()
        return sorted(
            (
                pair
                for pair in pairs
                if self.before.customer(pair).decision
                != self.after.customer(pair).decision
                or self.before.customer(pair).reward != self.after.customer(pair).reward
            ),
            key=lambda pair: (pair[0] is None, pair[0] or "", pair[1]),
        )


def totals(state: State) -> Totals:
    """Return what a state comes to; the null partner earns, and is never paid."""
    decisions = [one.decision for one in state.customers.values()]
    return Totals(
        decisions.count("qualified"),
        decisions.count("pending"),
        decisions.count("not_qualified"),
        sum(one.earned > 0 for one in state.partners.values()),
        state.earned,
        state.payable,
    )


class OtherTerms:
    """One run, to be decided under any terms."""

    def __init__(self, run: RecordedRun, work: Path, progress: Progress) -> None:
        self._run, self._work = run, work
        self._typed = TypedInputs(work, progress)
        self._own = run.campaign()
        self._before: State | None = None

    @property
    def campaign(self) -> Campaign:
        """The terms of the run itself."""
        return self._own

    def under(self, changes: Mapping[str, str]) -> WhatIf:
        """Return the run decided with some terms changed.

        Raises:
            UsageError: a change is of no term that decides.
            CampaignError: a change is not valid.
            DataError: a landed file is not as it was received.
        """
        if CATALOG in changes:
            message = (
                f"--set {CATALOG}={changes[CATALOG]}: it is an input of the run and "
                "no term; nothing was computed: run the campaign again with "
                "another catalogue."
            )
            raise UsageError(message)
        # Wrong terms are refused before anything is decided, which takes a while.
        campaign = self._campaign(changes)
        if self._before is None:
            self._before = self._state(self._own, {})
        return WhatIf(self._run, changes, self._before, self._state(campaign, changes))

    def _campaign(self, changes: Mapping[str, str]) -> Campaign:
        path, terms = self._run.folder / MANIFEST, self._run.manifest["terms"]
        return recorded_campaign(terms, self._own.catalog, path, changes)

    def _state(self, campaign: Campaign, changes: Mapping[str, str]) -> State:
        files = self._typed.of(self._run, self._own)
        dates = self._run.dates(campaign)
        folder = self._work / f"decided-{digest_of(dict(changes))[:16]}"
        with decided(files, campaign, dates, self._work) as con:
            return built_state(con, folder)


def parsed_changes(settings: Sequence[str]) -> dict[str, str]:
    """Return the changes that the command line asks for, as KEY=VALUE each.

    Raises:
        UsageError: one of them is none, or a key comes twice.
    """
    changes: dict[str, str] = {}
    for setting in settings:
        key, sign, value = setting.partition("=")
        key, value = key.strip(), value.strip()
        if not sign or not key or not value or key in changes:
            message = (
                f"--set {setting!r} is not one KEY=VALUE, or its key comes twice; "
                "nothing was computed: write for example --set seats.minimum=20."
            )
            raise UsageError(message)
        changes[key] = value
    return changes
