"""Decide again: the inputs of published runs, under their terms or under others.

Typed rows are taken from the home that holds them if they are intact, and are typed
anew otherwise; nothing is written outside of the working folder.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines import engine
from pipelines.campaign import campaign_tables
from pipelines.decide import build_facts, build_models
from pipelines.deliveries import Deliveries
from pipelines.errors import DifferenceError
from pipelines.files import digest_of
from pipelines.inputs import add_inputs
from pipelines.progress import Progress
from pipelines.validated import ValidatedStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import duckdb

    from pipelines.campaign import Campaign
    from pipelines.inputs import RunDates
    from pipelines.landing import LandedFile
    from pipelines.recorded import RecordedRun
    from pipelines.validated import ValidatedFile


@dataclass(frozen=True)
class TypedInputs:
    """The typed rows of recorded runs, each under the catalogue of some terms."""

    work: Path
    progress: Progress

    def of(self, run: RecordedRun, campaign: Campaign) -> list[ValidatedFile]:
        """Return the files in force for *run*, typed by today's code.

        Raises:
            DataError: a landed file is not as it was received, or cannot be read.
            DifferenceError: a landed file is missing.
        """
        inputs = run.inputs()
        place = digest_of([str(run.folder.resolve()), campaign.catalog.sha256])
        home = self.work / f"typed-{place[:16]}"
        if not home.exists():
            for file in inputs:
                _link_all(file, run.home, home)
        catalog = campaign_tables(campaign)["sku_catalog"]
        store = ValidatedStore(home, campaign.catalog.sha256, catalog)
        # Control files were enforced when the run was published.
        deliveries = Deliveries(run.known_at, tuple(inputs), {}, ())
        return store.validate(deliveries, self.work, self.progress)


def _link_all(file: LandedFile, home: Path, to: Path) -> None:
    """Link a landed file, and what its home remembers of it, under another home."""
    landed = file.path_in(home / "landing")
    if not landed.is_file():
        message = (
            f"{landed} is missing, so nothing was decided again: put it back as it was "
            "received, and try again."
        )
        raise DifferenceError(message)
    rows = f"{file.feed}/delivery={file.delivered_on}/{file.name}.parquet"
    for place in (
        f"landing/{file.place}",
        f"typed/{file.place}.json",
        f"validated/{rows}",
        f"quarantine/{rows}",
    ):
        if (home / place).exists():
            link = to / place
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to((home / place).resolve())


@contextlib.contextmanager
def decided(
    files: Sequence[ValidatedFile], campaign: Campaign, dates: RunDates, work: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a database in which every model of these inputs and terms is built."""
    with engine.opened(work) as con:
        add_inputs(con, campaign, dates, files)
        build_facts(con)
        build_models(con, Progress())
        yield con
