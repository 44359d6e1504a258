"""A published run as its manifest records it: what went in, to compute it again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipelines.campaign import recorded_campaign
from pipelines.catalogs import kept_catalog
from pipelines.errors import DifferenceError
from pipelines.inputs import run_dates
from pipelines.landing import LandedFile
from pipelines.manifest import MANIFEST, read_manifest
from pipelines.verify import find_run, home_above

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.campaign import Campaign
    from pipelines.inputs import RunDates


@dataclass(frozen=True)
class RecordedRun:
    """A published run: its folder, the home of what went in, and its manifest."""

    folder: Path
    home: Path
    manifest: dict[str, Any]

    @property
    def run_id(self) -> str:
        """The name of the run."""
        return str(self.manifest["run_id"])

    @property
    def as_of(self) -> dt.date:
        """The business date that seats are counted on."""
        return dt.date.fromisoformat(self.manifest["as_of"])

    @property
    def known_at(self) -> dt.date:
        """The last delivery date that it knows of."""
        return dt.date.fromisoformat(self.manifest["known_at"])

    @property
    def max_quarantine_share(self) -> Decimal:
        """The share of a feed's rows that may be faulty."""
        return Decimal(self.manifest["max_quarantine_share"])

    def campaign(self) -> Campaign:
        """Return the campaign as the run had it.

        Raises:
            DifferenceError: the terms or the catalogue are not those of the run, or
                it was published before manifests named the catalogue.
        """
        path = self.folder / MANIFEST
        if "catalog_sha256" not in self.manifest:
            message = (
                f"{path} does not name the catalogue of offers, so the run cannot be "
                "computed again: it is of an older version. Run again to publish it "
                "under this one."
            )
            raise DifferenceError(message)
        catalog = kept_catalog(self.home, self.manifest["catalog_sha256"])
        campaign = recorded_campaign(self.manifest["terms"], catalog, path)
        if campaign.digest != self.manifest["campaign_digest"]:
            message = (
                f"{path} names terms and a catalogue with another digest than its own "
                "campaign_digest, so the run cannot be computed again."
            )
            raise DifferenceError(message)
        return campaign

    def dates(self, campaign: Campaign) -> RunDates:
        """Return the dates of the run, under the days of *campaign*."""
        return run_dates(campaign, self.as_of, self.known_at)

    def inputs(self) -> list[LandedFile]:
        """Return the files in force, as they were received."""
        return [_landed(item) for item in self.manifest["inputs"]]

    def received(self) -> list[LandedFile]:
        """Return all files that the run names: those in force, and those beside."""
        controls = [_landed(item) for item in self.manifest["controls"]]
        return [*self.inputs(), *controls, *self.compared_with()]

    def compared_with(self) -> list[LandedFile]:
        """Return the files of earlier deliveries, which decide nothing."""
        return [_landed(item) for item in self.manifest.get("compared_with", ())]


def recorded_run(home: Path, run: str) -> RecordedRun:
    """Return the run given by its path, its id, or the beginning of its id.

    Raises:
        UsageError: there is no such run.
        DifferenceError: its manifest is not as it was published.
    """
    folder = find_run(home, run)
    return RecordedRun(folder, home_above(folder) or home, read_manifest(folder))


def _landed(item: dict[str, Any]) -> LandedFile:
    return LandedFile(
        item["feed"],
        dt.date.fromisoformat(item["delivery"]),
        item["file"],
        item["sha256"],
        item.get("bytes", 0),
    )
