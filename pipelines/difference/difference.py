"""Split the change between two runs by cause, replaying one cause at a time.

The replay starts from run A under today's code, gives it what run B has of one cause
after another, and decides each state on the way. The part of a cause is the difference
that it makes in that order; code is what remains at both ends. So the parts add up to
the change, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipelines.difference.causes import CODE, DATES, TERMS, Cause, causes_of
from pipelines.difference.changed_rows import (
    ChangedRows,
    FeedRows,
    changed_rows,
    feed_rows,
)
from pipelines.difference.states import State, built_state, published_state
from pipelines.errors import DifferenceError
from pipelines.feeds import FEEDS
from pipelines.files import working_folder
from pipelines.inputs import run_dates
from pipelines.replay import TypedInputs, decided
from pipelines.verify import folder_differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipelines.campaign import Campaign
    from pipelines.progress import Progress
    from pipelines.recorded import RecordedRun
    from pipelines.validated import ValidatedFile


A, B = "A", "B"


@dataclass(frozen=True)
class Step:
    """One cause, and the states before and after it."""

    cause: Cause
    before: State
    after: State


@dataclass(frozen=True)
class RunDifference:
    """Two runs, what they say, and the steps that lead from one to the other."""

    before_run: RecordedRun
    after_run: RecordedRun
    before: State
    after: State
    steps: tuple[Step, ...]
    # By the id of a customer or partner that changed: the rows that differ.
    rows: dict[str, ChangedRows] = field(default_factory=dict)
    # By feed and side: the rows that one run alone has, whether or not they matter.
    feed_rows: dict[str, dict[str, FeedRows]] = field(default_factory=dict)


def difference(
    before: RecordedRun, after: RecordedRun, progress: Progress
) -> RunDifference:
    """Return what changed from one published run to another, split by cause.

    Raises:
        DifferenceError: a run is not as it was published.
        DataError: what was received for it is no longer intact.
    """
    for run in (before, after):
        _refuse_changed(run)
    first, last = published_state(before.folder), published_state(after.folder)
    causes = list(causes_of(before, after))
    with working_folder(after.home) as work:
        replay = _Replay({A: before, B: after}, TypedInputs(work, progress))
        steps = _steps(replay, causes, first, last)
        made = tuple(progress.track(steps, "replaying", len(causes)))
        feeds = [feed for feed in FEEDS if feed in {cause.feed for cause in causes}]
        rows = replay.changed_rows(set(feeds), made)
        of_feeds = {feed: replay.feed_rows(feed) for feed in feeds}
    return RunDifference(before, after, first, last, made, rows, of_feeds)


def _refuse_changed(run: RecordedRun) -> None:
    if found := folder_differences(run.folder):
        message = (
            f"run {run.run_id} is not as it was published, so nothing was compared: "
            f"{found[0]}. See all of it with `cashback verify {run.run_id}`."
        )
        raise DifferenceError(message)


def _steps(
    replay: _Replay, causes: list[Cause], first: State, last: State
) -> Iterator[Step]:
    """Yield a step for each cause, and one for whatever is left in the end.

    The last step leads to run B as it was published. If that is not code, it needs no
    replay: the same inputs, terms and code give the same decisions.
    """
    state = first
    for number, cause in enumerate(causes, start=1):
        replay.switch(cause)
        reached = last if number == len(causes) else replay.decided()
        yield Step(cause, state, reached)
        state = reached
    if state != last:
        yield Step(Cause(CODE, what="what remains"), state, last)


def _touched(step: Step) -> Iterator[str]:
    """Yield the customers and partners that a step of data changed."""
    if step.cause.feed:
        before, after = step.before, step.after
        for pair in {*before.customers, *after.customers}:
            if before.customer(pair) != after.customer(pair):
                yield from (one for one in pair if one is not None)
        for partner_id in {*before.partners, *after.partners}:
            if before.partner(partner_id) != after.partner(partner_id):
                yield partner_id


class _Replay:
    """What is decided on the way from run A to run B: whose feeds, terms and dates."""

    def __init__(self, runs: dict[str, RecordedRun], typed: TypedInputs) -> None:
        self._runs, self._typed = runs, typed
        self._feeds = dict.fromkeys(FEEDS, A)
        self._terms = self._dates = A
        self._states = 0
        self._known: dict[tuple[str, str], list[ValidatedFile]] = {}

    def switch(self, cause: Cause) -> None:
        """Take what run B has of that cause; code is what is run anyhow."""
        if cause.feed:
            self._feeds[cause.feed] = B
        elif cause.kind == TERMS:
            self._terms = B
        elif cause.kind == DATES:
            self._dates = B

    def decided(self) -> State:
        """Decide what is now taken from either run, under today's code."""
        campaign = self._runs[self._terms].campaign()
        dated = self._runs[self._dates]
        dates = run_dates(campaign, dated.as_of, dated.known_at)
        files = [
            file
            for side in (A, B)
            for file in self._files(side, campaign)
            if self._feeds[file.file.feed] == side
        ]
        self._states += 1
        work = self._typed.work
        with decided(files, campaign, dates, work) as con:
            return built_state(con, work / f"state-{self._states}")

    def changed_rows(
        self, feeds: set[str], steps: Sequence[Step]
    ) -> dict[str, ChangedRows]:
        """Return which rows of *feeds* differ, for whom a step changed anything."""
        ids = {one for step in steps for one in _touched(step)}
        if not ids or not feeds:
            return {}
        return changed_rows(feeds, *self._both(), ids, self._typed.work)

    def feed_rows(self, feed: str) -> dict[str, FeedRows]:
        """Return which rows of a feed differ, whether or not anybody changed."""
        return feed_rows(feed, *self._both(), self._typed.work)

    def _both(self) -> tuple[list[ValidatedFile], list[ValidatedFile]]:
        old, new = (self._typed_files(s, self._runs[s].campaign()) for s in (A, B))
        return old, new

    def _files(self, side: str, campaign: Campaign) -> list[ValidatedFile]:
        if side not in self._feeds.values():
            return []
        return self._typed_files(side, campaign)

    def _typed_files(self, side: str, campaign: Campaign) -> list[ValidatedFile]:
        key = (side, campaign.catalog.sha256)
        if key not in self._known:
            self._known[key] = self._typed.of(self._runs[side], campaign)
        return self._known[key]
