"""A source of one file, and the pulling of it into a home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.files import working_folder
from pipelines.landing import Landing, pull
from pipelines.progress import Progress
from pipelines.source import Source
from tests.scenes import NEXT

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

BYTES = b"\xff\x00 not for reading, \r\n only for keeping"
PLACE = f"billing/{NEXT}/two.csv"


def land(source: str | Path, home: Path, known_at: dt.date | None = None) -> Landing:
    """Pull everything that *source* has into *home*."""
    with working_folder(home) as work:
        return pull(Source(str(source)), home, known_at, work, Progress())
