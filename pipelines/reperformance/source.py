"""The files that a run knew, laid out as a source: what landed, and nothing newer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.receipts import receipts

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.recorded import RecordedRun


def lay_out_source(run: RecordedRun, source: Path) -> Path:
    """Link what the run knew of ``landing/`` under *source*, and return that.

    Files that it read, controls, and what it compared with are named by the manifest;
    what it noticed and left unread is told by its notices.
    """
    landing = run.home / "landing"
    places = {file.place for file in run.received()} | _left_unread(run)
    source.mkdir(parents=True)
    for place in sorted(places):
        link = source / place
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to((landing / place).resolve())
    return source


def _left_unread(run: RecordedRun) -> set[str]:
    notices = run.manifest["notices"]
    return {
        place
        for place, _ in receipts(run.home)
        if any(notice.startswith(f"{place} ") for notice in notices)
    }
