"""The causes by which two runs may differ, in the order in which they are replayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.feeds import FEEDS
from pipelines.versions import code_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.landing import LandedFile
    from pipelines.recorded import RecordedRun

DATA, MASTER_DATA = "late_or_restated_data", "master_data"
TERMS, DATES, CODE = "terms", "dates", "code"
CAUSES = (DATA, MASTER_DATA, TERMS, DATES, CODE)


@dataclass(frozen=True)
class Cause:
    """One thing that differs: its kind, the feed if it is data, and what about it."""

    kind: str
    feed: str | None = None
    what: str = ""

    @property
    def name(self) -> str:
        """What names it within a difference: the feed, or the kind."""
        return self.feed or self.kind


def causes_of(before: RecordedRun, after: RecordedRun) -> Iterator[Cause]:
    """Yield what differs between two runs, in the order in which it is replayed.

    Code comes first or last: where run A, or run B, was decided by another version
    than today's, which is the one that replays.
    """
    if before.manifest == after.manifest:
        return
    if _code(before) != code_version():
        yield Cause(CODE, what="run A was decided by another version")
    yield from _feed_causes(before, after)
    if before.manifest["campaign_digest"] != after.manifest["campaign_digest"]:
        yield Cause(TERMS, what=_changed_terms(before, after))
    if (before.as_of, before.known_at) != (after.as_of, after.known_at):
        yield Cause(DATES, what=_changed_dates(before, after))
    if _code(after) != code_version():
        yield Cause(CODE, what="run B was decided by another version")


def _code(run: RecordedRun) -> str:
    return str(run.manifest["code"]["digest"])


def _changed_terms(before: RecordedRun, after: RecordedRun) -> str:
    """Name the parts of the campaign that differ."""
    old, new = before.manifest["terms"], after.manifest["terms"]
    names = {name for name in {*old, *new} if old.get(name) != new.get(name)}
    if before.manifest.get("catalog_sha256") != after.manifest.get("catalog_sha256"):
        names.add("catalogue of offers")
    return ", ".join(sorted(names))


def _changed_dates(before: RecordedRun, after: RecordedRun) -> str:
    named = {
        "as of": (before.as_of, after.as_of),
        "known at": (before.known_at, after.known_at),
    }
    return ", ".join(
        f"{name} {old} became {new}" for name, (old, new) in named.items() if old != new
    )


def _feed_causes(before: RecordedRun, after: RecordedRun) -> Iterator[Cause]:
    """Yield the feeds of which the two runs read other files, data before masters."""
    for kind, accumulates in ((DATA, True), (MASTER_DATA, False)):
        for feed in FEEDS.values():
            if feed.accumulates == accumulates:
                old, new = _files(before, feed.name), _files(after, feed.name)
                if _bytes(old) != _bytes(new):
                    yield Cause(kind, feed.name, _what(feed.name, old, new))


def _files(run: RecordedRun, feed: str) -> list[LandedFile]:
    return [file for file in run.inputs() if file.feed == feed]


def _bytes(files: list[LandedFile]) -> list[tuple[str, str]]:
    return [(file.place, file.sha256) for file in files]


def _what(feed: str, old: list[LandedFile], new: list[LandedFile]) -> str:
    """Say how many files are new, restated or gone, or which snapshot became which."""
    if not FEEDS[feed].accumulates:
        return f"that of {_delivered(old)} became that of {_delivered(new)}"
    before, after = dict(_bytes(old)), dict(_bytes(new))
    fresh = [file for file in new if before.get(file.place) != file.sha256]
    gone = [file for file in old if file.place not in after]
    if feed != "billing":
        return _counts(new=len(fresh), gone=len(gone))
    known = {file.invoice_number for file in old}
    restated = {file.invoice_number for file in fresh} & known
    return _counts(
        late=len(fresh) - len(restated),
        restated=len(restated),
        gone=len({file.invoice_number for file in gone} - restated),
    )


def _delivered(files: list[LandedFile]) -> str:
    return ", ".join(sorted({str(file.delivered_on) for file in files})) or "no day"


def _counts(**numbers: int) -> str:
    named = [f"{number} {word}" for word, number in numbers.items() if number]
    return ", ".join(named)
