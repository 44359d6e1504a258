"""A made-up campaign and its run, to be run again with some files changed."""

from __future__ import annotations

import copy
import random
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import PublishedRun, run
from tests.reading_runs import as_reference
from tests.reference.invention.file_faults import in_force
from tests.reference.invention.parcels import Parcel, deliver
from tests.reference.sound import CUT_OFF, END
from tests.scenes import ANY_SHARE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass
class Campaign:
    """A made-up campaign, all of its files, and the run over them."""

    seed: int
    root: Path
    parcels: list[Parcel]

    def __post_init__(self) -> None:
        """Deliver every file and run."""
        write(self.seed, self.parcels, self.root / "source")
        self.run = run_over(self.root)
        self.decided = as_reference(self.run)

    @property
    def live(self) -> list[Parcel]:
        """Return the files in force, which a test may change."""
        return copy.deepcopy(in_force(self.parcels, CUT_OFF))

    def vary(
        self, root: Path, changed: Iterable[Parcel], gone: Iterable[Parcel] = ()
    ) -> dict[str, Any]:
        """Return what is decided once some files are others, or are gone.

        Files that stay as they are need not be typed again.
        """
        shutil.copytree(self.root / "source", root / "source")
        for folder in ("typed", "validated", "quarantine"):
            shutil.copytree(self.root / "home" / folder, root / "home" / folder)
        for parcel in gone:
            place = f"{parcel.feed}/{parcel.delivery}/{parcel.name}"
            (root / "source" / place).unlink()
        write(self.seed, changed, root / "source")
        return as_reference(run_over(root))


def write(seed: int, parcels: Iterable[Parcel], source: Path) -> None:
    """Write files, each in looks of its own that depend on nothing else."""
    for parcel in parcels:
        looks = f"{seed} {parcel.feed} {parcel.delivery} {parcel.stem}"
        deliver(random.Random(looks), parcel, source)  # noqa: S311 - it must repeat


def run_over(root: Path) -> PublishedRun:
    """Run a source into a home beside it, on the day that the campaign is final."""
    request = RunRequest(
        source=str(root / "source"),
        home=root / "home",
        as_of=END,
        known_at=CUT_OFF,
        max_quarantine_share=ANY_SHARE,
    )
    return run(request, Progress())
