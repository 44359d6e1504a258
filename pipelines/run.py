"""The main job: pull, validate, decide and publish one run."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import structlog

from pipelines import engine
from pipelines.campaign import Campaign, campaign_tables, load_campaign
from pipelines.decide import build_models, control_totals, run_audits, run_warnings
from pipelines.deliveries import Deliveries, choose
from pipelines.files import canonical_json, working_folder
from pipelines.inputs import RunDates, add_inputs, run_dates
from pipelines.landing import Source, pull
from pipelines.manifest import MANIFEST, manifest_of, read_manifest, run_id
from pipelines.outputs import TABLES, write_table
from pipelines.publish import check_published, publish_folder
from pipelines.quality import (
    check_conservation,
    check_quarantine_shares,
    feed_rows,
    quality_report,
)
from pipelines.report import report_html
from pipelines.validated import ValidatedStore

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    import duckdb

    from pipelines.progress import Progress
    from pipelines.validated import ValidatedFile

log = structlog.get_logger(__name__)

DEFAULT_CAMPAIGN = "d365-smb-2019"
DEFAULT_MAX_QUARANTINE_SHARE = Decimal("0.05")


@dataclass(frozen=True)
class RunRequest:
    """What a run is asked for; dates left out are found in the deliveries."""

    source: str
    home: Path
    campaign: str = DEFAULT_CAMPAIGN
    as_of: dt.date | None = None
    known_at: dt.date | None = None
    max_quarantine_share: Decimal = DEFAULT_MAX_QUARANTINE_SHARE


@dataclass(frozen=True)
class PublishedRun:
    """A run as it lies in its folder."""

    path: Path
    manifest: dict[str, Any]
    is_new: bool


def run(request: RunRequest, progress: Progress) -> PublishedRun:
    """Compute and publish one run, or find that it is published already.

    Raises:
        CampaignError: the terms are invalid.
        SourceError: the source cannot be read.
        DataError: the data is refused; nothing was published.
        DifferenceError: the same run lies there with other bytes.
    """
    campaign = load_campaign(request.campaign)
    with working_folder(request.home) as work:
        source = Source(request.source)
        landing = pull(source, request.home, request.known_at, work, progress)
        deliveries = choose(landing.files, request.known_at)
        known_at = deliveries.known_at
        as_of = request.as_of or min(known_at, campaign.last_day)
        job = _Job(request, campaign, deliveries, run_dates(campaign, as_of, known_at))
        if job.final.exists():
            check_published(job.final)
            return PublishedRun(job.final, read_manifest(job.final), is_new=False)
        return job.compute(landing.notices, work, progress)


class _Job:
    """One run on its way, all of its choices made."""

    def __init__(
        self,
        request: RunRequest,
        campaign: Campaign,
        deliveries: Deliveries,
        dates: RunDates,
    ) -> None:
        self.request, self.campaign = request, campaign
        self.deliveries, self.dates = deliveries, dates
        self.run_id = run_id(campaign, dates, deliveries, request.max_quarantine_share)
        self.final = (
            request.home
            / "runs"
            / campaign.campaign_id
            / f"as_of={dates.as_of}"
            / self.run_id
        )

    def compute(
        self, notices: tuple[str, ...], work: Path, progress: Progress
    ) -> PublishedRun:
        """Validate, decide and publish."""
        for notice in notices:
            log.warning("source_noticed", notice=notice)
        catalog = campaign_tables(self.campaign)["sku_catalog"]
        store = ValidatedStore(self.request.home, self.campaign, catalog)
        files = store.validate(self.deliveries, work, progress)
        check_conservation(files)
        check_quarantine_shares(
            feed_rows(files), files, self.request.max_quarantine_share
        )
        draft = work / "run"
        draft.mkdir(mode=0o755)
        with engine.opened(work) as con:
            add_inputs(con, self.campaign, self.dates, files)
            self._write(con, files, draft, progress)
        is_new = publish_folder(draft, self.final)
        log.info("run_published", run_id=self.run_id, is_new=is_new)
        return PublishedRun(self.final, read_manifest(self.final), is_new)

    def _write(
        self,
        con: duckdb.DuckDBPyConnection,
        files: list[ValidatedFile],
        draft: Path,
        progress: Progress,
    ) -> None:
        models = build_models(con, progress)
        audits = run_audits(con)
        warnings = run_warnings(con)
        quality = quality_report(files, self.deliveries.notices, warnings, audits)
        rows = {
            table: write_table(con, table, draft / f"{table}.parquet")
            for table in TABLES
        }
        (draft / "data_quality.json").write_text(
            canonical_json(quality), encoding="utf-8"
        )
        totals = control_totals(con)
        (draft / "report.html").write_text(
            report_html(con, self.run_id, self.campaign, self.dates, quality, totals),
            encoding="utf-8",
        )
        facts = {
            "output_rows": rows,
            "model_rows": models,
            "control_totals": totals,
            "rows": feed_rows(files),
            "notices": list(self.deliveries.notices),
            "max_quarantine_share": str(self.request.max_quarantine_share),
        }
        manifest = manifest_of(
            draft, self.run_id, self.campaign, self.dates, files, facts
        )
        (draft / MANIFEST).write_text(canonical_json(manifest), encoding="utf-8")
