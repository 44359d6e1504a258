"""Which of the files known are in force: what a run reads, and what it does not.

Billing: the newest version of each invoice. Licence usage: every delivery. The
five snapshots: the newest delivery, whole.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.errors import DataError
from pipelines.feeds import FEEDS
from pipelines.landing import CONTROL_SUFFIX, DATA_SUFFIXES, LandedFile

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from pipelines.source import ListedFile


@dataclass(frozen=True)
class Deliveries:
    """The files in force at a date, with the sender's own counts beside them."""

    known_at: dt.date
    files: tuple[LandedFile, ...]
    controls: dict[LandedFile, LandedFile]
    notices: tuple[str, ...]
    # What the full snapshots in force replaced: for comparison, not for results.
    earlier: tuple[LandedFile, ...] = ()

    def received(self) -> tuple[LandedFile, ...]:
        """Return the files in force and the counts beside them."""
        return (*self.files, *self.controls.values())

    def of(self, feed: str) -> list[LandedFile]:
        """Return the files of one feed, by delivery and name."""
        return [file for file in self.files if file.feed == feed]


def choose(known: Iterable[LandedFile], known_at: dt.date | None) -> Deliveries:
    """Return the files in force at *known_at* (default: the newest delivery).

    Raises:
        DataError: a feed has no delivery, an invoice is there twice in one
            delivery, or a control file has lost its file.
    """
    everything = sorted(known)
    if known_at is None:
        days = [file.delivered_on for file in everything if file.is_data]
        known_at = max(days, default=None)
    if known_at is None:
        message = (
            "the source has no delivery of any feed, so nothing was published; give "
            "a --source that holds files such as billing/2019-02-05/<invoice>.csv."
        )
        raise DataError(message)
    everything = [file for file in everything if file.delivered_on <= known_at]
    data = [file for file in everything if file.is_data]
    notices = _refuse_or_note_missing(data, known_at)
    in_force = [file for name in FEEDS for file in _in_force(name, data)]
    controls, widows = _controls(everything, in_force)
    others = [f for f in everything if not f.is_data and not _is_control(f)]
    ignored = [
        f"{f.place} is neither {', '.join(DATA_SUFFIXES)} nor a control file: not read"
        for f in others
    ]
    earlier = [
        file
        for feed in FEEDS.values()
        if not feed.accumulates
        for file in _earlier(feed.name, data)
    ]
    return Deliveries(
        known_at,
        tuple(in_force),
        controls,
        (*notices, *ignored, *widows),
        tuple(earlier),
    )


def places_in_force(listed: Iterable[ListedFile], known_at: dt.date | None) -> set[str]:
    """Return which of a source's files will be in force, if they are as they should.

    None where they are not: whoever reads them says why.
    """
    files = [LandedFile(f.feed, f.delivered_on, f.name, "", 0) for f in listed]
    try:
        return {file.place for file in choose(files, known_at).files}
    except DataError:
        return set()


def choose_feed(
    known: Iterable[LandedFile], feed: str, known_at: dt.date
) -> Deliveries:
    """Return the files of one feed that are in force; none if nothing is delivered.

    Raises:
        DataError: an invoice is there twice in one delivery, or a control file has
            lost its file.
    """
    everything = [
        file
        for file in sorted(known)
        if file.feed == feed and file.delivered_on <= known_at
    ]
    in_force = _in_force(feed, [file for file in everything if file.is_data])
    controls, _ = _controls(everything, in_force)
    return Deliveries(known_at, tuple(in_force), controls, ())


def _refuse_or_note_missing(data: list[LandedFile], known_at: dt.date) -> list[str]:
    notices = []
    for feed in FEEDS.values():
        if any(file.feed == feed.name for file in data):
            continue
        if not feed.is_optional:
            message = (
                f"feed {feed.name} has no delivery dated on or before {known_at}, so "
                "nothing was published; ask its sender, or give a later --known-at."
            )
            raise DataError(message)
        notices.append(f"feed {feed.name} has no delivery yet")
    return notices


def _in_force(feed: str, data: list[LandedFile]) -> list[LandedFile]:
    files = [file for file in data if file.feed == feed]
    if feed == "billing":
        return _live_invoices(files)
    if FEEDS[feed].accumulates:
        return files
    return _newest(files)


def _newest(files: list[LandedFile]) -> list[LandedFile]:
    newest = max((file.delivered_on for file in files), default=None)
    return [file for file in files if file.delivered_on == newest]


def _earlier(feed: str, data: list[LandedFile]) -> list[LandedFile]:
    """Return the delivery before the newest one."""
    files = [file for file in data if file.feed == feed]
    newest = set(_newest(files))
    return _newest([file for file in files if file not in newest])


def _live_invoices(files: list[LandedFile]) -> list[LandedFile]:
    versions: dict[str, list[LandedFile]] = defaultdict(list)
    for file in files:
        versions[file.invoice_number].append(file)
    live = []
    for invoice, candidates in versions.items():
        newest = candidates[-1].delivered_on
        latest = [file for file in candidates if file.delivered_on == newest]
        if len(latest) > 1:
            places = " and ".join(file.place for file in latest)
            message = (
                f"invoice {invoice} is there twice in one delivery: {places}; nothing "
                "was published. Ask the sender which one is right and to deliver it on "
                "a later date."
            )
            raise DataError(message)
        live += latest
    return sorted(live)


def _is_control(file: LandedFile) -> bool:
    return file.name.lower().endswith(CONTROL_SUFFIX)


def _controls(
    everything: list[LandedFile], in_force: list[LandedFile]
) -> tuple[dict[LandedFile, LandedFile], list[str]]:
    """Pair each file in force with its control file; note those of no file.

    Raises:
        DataError: a delivery in force lacks a file that is counted.
    """
    deliveries = {_delivery(file) for file in in_force}
    owners = _owners(everything)
    widows = [control for control, owner in owners.items() if owner is None]
    for control in widows:
        if _delivery(control) in deliveries:
            message = (
                f"{control.place} counts a file that is not there, so nothing was "
                "published; ask the sender for the file."
            )
            raise DataError(message)
    notices = [f"{widow.place} counts a file that is not there" for widow in widows]
    wanted = set(in_force)
    pairs = {owner: control for control, owner in owners.items() if owner in wanted}
    return {owner: control for owner, control in pairs.items() if owner}, notices


def _owners(everything: list[LandedFile]) -> dict[LandedFile, LandedFile | None]:
    """Return which file each control file counts, if it is there."""
    by_name: dict[tuple[str, dt.date, str], list[LandedFile]] = defaultdict(list)
    for file in everything:
        by_name[*_delivery(file), file.name.lower()].append(file)
    owners: dict[LandedFile, LandedFile | None] = {}
    for control in filter(_is_control, everything):
        name = control.name[: -len(CONTROL_SUFFIX)]
        found = by_name[*_delivery(control), name.lower()]
        # Of two names that differ in case alone, the one that is written is meant.
        exact = [file for file in found if file.name == name] or found
        owners[control] = exact[0] if len(exact) == 1 else None
    return owners


def _delivery(file: LandedFile) -> tuple[str, dt.date]:
    return file.feed, file.delivered_on
