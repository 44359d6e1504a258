"""What a published run was decided from: its terms, its dates, its typed rows.

Read only: whoever decides it again does so in a database of its own.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from pipelines.campaign import Campaign, known_campaigns, load_campaign, recorded
from pipelines.errors import CampaignError, DifferenceError
from pipelines.inputs import RunDates
from pipelines.landing import LandedFile
from pipelines.manifest import read_manifest
from pipelines.paths import CAMPAIGNS_DIR
from pipelines.publish import check_published
from pipelines.validated import ValidatedFile
from pipelines.validation import FileFacts, OutputPaths
from pipelines.verify import home_above, typed_differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class RecordedRun:
    """A published run: its folder, the home it lies in, and its manifest."""

    folder: Path
    home: Path
    manifest: Mapping[str, Any]

    @property
    def run_id(self) -> str:
        """The name of the run."""
        return str(self.manifest["run_id"])

    @property
    def dates(self) -> RunDates:
        """The dates that it was decided at."""
        as_of, known_at, measured_on = (
            dt.date.fromisoformat(self.manifest[name])
            for name in ("as_of", "known_at", "measured_on")
        )
        return RunDates(as_of, known_at, measured_on, self.manifest["is_final"])

    def campaign(self) -> Campaign:
        """Return the very terms that it was decided under.

        Raises:
            CampaignError: the catalogue that it named is not here any more.
        """
        digest = self.manifest["campaign_digest"]
        for campaign in self._possible_campaigns():
            if campaign.digest == digest:
                return campaign
        message = (
            f"run {self.run_id} was decided with a price list that is not here, so it "
            "cannot be decided again: keep the SKU catalogue where its campaign file "
            "named it, or look for it among the files of that campaign."
        )
        raise CampaignError(message)

    def _possible_campaigns(self) -> Iterator[Campaign]:
        """Yield the recorded terms with the catalogue as it lies now, and the file."""
        name = self.manifest["campaign_id"]
        # Terms of another version, or a catalogue that is gone, are no campaign here.
        with contextlib.suppress(CampaignError, ValidationError):
            yield recorded(CAMPAIGNS_DIR / f"{name}.yaml", self.manifest["terms"])
        if name in known_campaigns():
            yield load_campaign(name)

    def files(self) -> list[ValidatedFile]:
        """Return its files in force, typed as they were.

        Raises:
            DifferenceError: typed rows are gone, or have other bytes.
        """
        for item in self.manifest["inputs"]:
            for difference in typed_differences(self.home, dict(item)):
                message = (
                    f"run {self.run_id} cannot be decided again: {difference}. Look at "
                    "all of it with `cashback verify`, and give the --home of the run."
                )
                raise DifferenceError(message)
        return [self._file(item) for item in self.manifest["inputs"]]

    def _file(self, item: Mapping[str, Any]) -> ValidatedFile:
        file = LandedFile(
            item["feed"],
            dt.date.fromisoformat(item["delivery"]),
            item["file"],
            item["sha256"],
            item["bytes"],
        )
        place = f"{file.feed}/delivery={file.delivered_on}/{file.name}.parquet"
        facts = FileFacts(
            rows_read=item["rows"],
            rows_validated=item["validated"],
            rows_quarantined=item["quarantined"],
            reasons={},
            unknown_columns=(),
            total_for_customer=item["total_for_customer"],
            validated_sha256=item["validated_sha256"],
            quarantine_sha256=item["quarantine_sha256"],
        )
        folders = (self.home / name / place for name in ("validated", "quarantine"))
        return ValidatedFile(file, facts, OutputPaths(*folders))


def recorded_run(home: Path, folder: Path) -> RecordedRun:
    """Return the run published in *folder*, after a look at every byte of it.

    Raises:
        DifferenceError: it is not as it was published.
    """
    check_published(folder)
    return RecordedRun(folder, home_above(folder) or home, read_manifest(folder))
