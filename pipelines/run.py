"""The main job: pull, validate, decide and publish one run."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from pipelines import engine, judging
from pipelines.builders import builder_of
from pipelines.campaign import Campaign, campaign_tables, load_campaign
from pipelines.catalogs import keep_catalog
from pipelines.decide import control_totals, run_audits, run_warnings
from pipelines.deliveries import Deliveries, choose, places_in_force
from pipelines.earlier import earlier_deliveries
from pipelines.feeds import FEEDS
from pipelines.files import canonical_json, working_folder
from pipelines.gate import quality_summary, refuse_failed
from pipelines.home import usable
from pipelines.inputs import RunDates, add_inputs, run_dates
from pipelines.kept_facts import JUDGED, KeptFacts
from pipelines.landing import pull, sync_landed
from pipelines.manifest import MANIFEST, manifest_of, read_manifest, received, run_id
from pipelines.outputs import TABLES, write_table
from pipelines.publish import check_published, publish_folder
from pipelines.quality import (
    check_conservation,
    check_quarantine_shares,
    feed_rows,
    quality_report,
)
from pipelines.quality_tables import build_quality_tables, small_tables
from pipelines.report import customer_rows, report_html
from pipelines.report_queries import answered
from pipelines.source import Source
from pipelines.suites import FEED_SUITES, TABLE_SUITES
from pipelines.validated import ValidatedStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import duckdb

    from pipelines.expectations import Verdict
    from pipelines.judging import Judge
    from pipelines.landing import LandedFile
    from pipelines.progress import Progress
    from pipelines.request import RunRequest
    from pipelines.source import ListedFile
    from pipelines.validated import ValidatedFile

log = structlog.get_logger(__name__)
DRAFT = "run"  # what will be published, in the folder of work


@dataclass(frozen=True)
class PublishedRun:
    """A run as it lies in its folder."""

    path: Path
    manifest: dict[str, Any]
    is_new: bool
    # What was odd about the source; unlike the run, it may change from day to day.
    notices: tuple[str, ...] = ()


def run(request: RunRequest, progress: Progress) -> PublishedRun:
    """Compute and publish one run, or find that it is published already.

    Raises:
        CampaignError: the terms are invalid.
        SourceError: the source cannot be read.
        DataError: the data is refused; nothing was published.
        DifferenceError: the same run lies there with other bytes.
        HomeError: the home cannot be written, or is full.
    """
    campaign = load_campaign(request.campaign)
    with usable(request.home), working_folder(request.home) as work:
        job, notices = prepared(request, campaign, work, progress)
        if job.final.exists():
            check_published(job.final)
            manifest = read_manifest(job.final)
            return PublishedRun(job.final, manifest, False, notices)
        return job.compute(notices, work, progress)


def prepared(
    request: RunRequest, campaign: Campaign, work: Path, progress: Progress
) -> tuple[Job, tuple[str, ...]]:
    """Pull what is new; return the run that is asked for, and what was noticed."""
    source = Source(request.source)
    catalog = campaign_tables(campaign)["sku_catalog"]
    store = ValidatedStore(request.home, campaign.catalog.sha256, catalog)
    with store.typing_ahead(work) as type_ahead:

        def on_listed(listed: Sequence[ListedFile]) -> Callable[[LandedFile], object]:
            wanted = places_in_force(listed, request.known_at)
            landed = request.home / "landing"
            if not all((landed / place).exists() for place in wanted):
                # The run is a new one, and will be judged.
                judging.begin()
            # On Spark, workers type the invoices, once all are there.
            feeds = FEEDS if request.spark is None else FEEDS.keys() - {"billing"}
            return lambda file: (
                type_ahead(file)
                if file.place in wanted and file.feed in feeds
                else None
            )

        landing = pull(
            source, request.home, request.known_at, work, progress, on_listed
        )
    deliveries = choose(landing.files, request.known_at)
    as_of = request.as_of or min(deliveries.known_at, campaign.last_day)
    dates = run_dates(campaign, as_of, deliveries.known_at)
    return Job(request, campaign, deliveries, dates, store), landing.notices


class Job:
    """One run on its way, all of its choices made."""

    def __init__(
        self,
        request: RunRequest,
        campaign: Campaign,
        deliveries: Deliveries,
        dates: RunDates,
        store: ValidatedStore,
    ) -> None:
        self.request, self.campaign = request, campaign
        self.deliveries, self.dates, self._store = deliveries, dates, store
        self._facts = KeptFacts(request.home, campaign)
        self._builder = builder_of(request.spark, self._facts)
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
        (work / DRAFT).mkdir(mode=0o755)
        with ThreadPoolExecutor(max_workers=1) as disk:
            synced = disk.submit(
                sync_landed, self.deliveries.received(), self.request.home
            )
            keep_catalog(self.request.home, self.campaign.catalog, work)
            files = self.validated(work, progress)
            with self.opened(work) as (judge, con):
                self.ask(judge, con, files, work)
                self._write(judge, con, files, work, progress)
            synced.result()
        is_new = publish_folder(work / DRAFT, self.final)
        log.info("run_published", run_id=self.run_id, is_new=is_new)
        return PublishedRun(self.final, read_manifest(self.final), is_new, notices)

    @contextlib.contextmanager
    def opened(self, work: Path) -> Iterator[tuple[Judge, duckdb.DuckDBPyConnection]]:
        """Give a judge, and the database that all is built in."""
        builder = contextlib.closing(self._builder)
        with judging.judge(work) as judge, engine.opened(work) as con, builder:
            yield judge, con

    def validated(self, work: Path, progress: Progress) -> list[ValidatedFile]:
        """Type what is new; return every file in force, with no row lost."""
        seen = self._facts.seen()
        self._builder.type_files(self._store, self.deliveries, work, progress)
        files = self._store.validate(self.deliveries, work, progress, seen)
        check_conservation(files)
        check_quarantine_shares(
            feed_rows(files), files, self.request.max_quarantine_share
        )
        return files

    def ask(
        self,
        judge: Judge,
        con: duckdb.DuckDBPyConnection,
        files: list[ValidatedFile],
        work: Path,
    ) -> None:
        """Make all tables that models and suites of feeds read, and ask about feeds."""
        add_inputs(con, self.campaign, self.dates, files)
        self._builder.build_facts(con, files, work)
        earlier = earlier_deliveries(self.deliveries, self.request.home / "landing")
        build_quality_tables(con, files, earlier)
        judge.ask(con, FEED_SUITES, small_tables(con), {"billing": JUDGED})

    def answers(self, judge: Judge) -> list[Verdict]:
        """Return the verdicts on all that was asked, and remember what held."""
        verdicts = judge.answers()
        self._facts.hold(verdicts)
        return verdicts

    def _write(
        self,
        judge: Judge,
        con: duckdb.DuckDBPyConnection,
        files: list[ValidatedFile],
        work: Path,
        progress: Progress,
    ) -> None:
        draft = work / DRAFT
        models = self._builder.build_models(con, progress)
        paths = {table: draft / f"{table}.parquet" for table in TABLES}
        rows = {table: write_table(con, table, path) for table, path in paths.items()}
        judge.ask(con, TABLE_SUITES, (), written=paths)
        warnings = run_warnings(con)
        with ThreadPoolExecutor(max_workers=1) as beside:
            audited = beside.submit(run_audits, con)
            # The database is at work; these are asked of the tables as written.
            found = answered(draft, [one.id for one in self.campaign.rules], work)
            customers = customer_rows(found, self.campaign.minimum_seats)
            verdicts = self.answers(judge)
        refuse_failed(verdicts)
        audits = audited.result()
        quality = quality_report(
            files, self.deliveries.notices, warnings, audits, verdicts
        )
        (draft / "data_quality.json").write_bytes(canonical_json(quality).encode())
        facts = {
            "output_rows": rows,
            "model_rows": models,
            "control_totals": control_totals(con),
            "rows": feed_rows(files),
            "notices": list(self.deliveries.notices),
            "quality": quality_summary(verdicts),
            "controls": [
                received(c) for _, c in sorted(self.deliveries.controls.items())
            ],
            "compared_with": [received(file) for file in self.deliveries.earlier],
            "max_quarantine_share": str(self.request.max_quarantine_share),
        }
        known = (self.run_id, self.campaign, self.dates, files, facts)
        # The page tells all but the outputs, of which it is one.
        before = manifest_of(draft, *known)
        html = report_html(found, customers, before, quality, self.dates.known_at)
        (draft / "report.html").write_text(html, encoding="utf-8")
        manifest = manifest_of(draft, *known)
        (draft / MANIFEST).write_text(canonical_json(manifest), encoding="utf-8")
