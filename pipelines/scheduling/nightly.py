"""The steps of a night: each feed received and typed, judged, decided, published."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import engine
from pipelines.banking_days import days_left
from pipelines.builders import builder_of
from pipelines.campaign import campaign_tables, load_campaign
from pipelines.deliveries import choose_feed
from pipelines.feeds import FEEDS
from pipelines.files import working_folder
from pipelines.gate import refuse_failed
from pipelines.home import usable
from pipelines.kept_facts import KeptFacts
from pipelines.landing import pull, sync_landed
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import prepared, run
from pipelines.scheduling.standing import write_standing
from pipelines.source import Source
from pipelines.spark.place import place_that_is_set
from pipelines.validated import ValidatedStore

if TYPE_CHECKING:
    from pipelines.scheduling.surroundings import Surroundings
    from pipelines.validated import ValidatedFile

Facts = dict[str, Any]


def is_needed(feed: str) -> bool:
    """Return whether there is no run without a delivery of *feed*."""
    return not FEEDS[feed].is_optional


def receive(place: Surroundings, feed: str, known_at: str) -> Facts | None:
    """Land what is new of one feed and type what is in force; None without delivery.

    Raises:
        SourceError: the source cannot be reached; trying again may help.
        DataError: what was delivered is refused; trying again gives the same.
    """
    files = received_files(place, feed, dt.date.fromisoformat(known_at))
    if not files:
        return None
    return {
        "feed": feed,
        "files": len(files),
        "rows_read": sum(file.facts.rows_read for file in files),
        "rows_quarantined": sum(file.facts.rows_quarantined for file in files),
        "newest_delivery": str(max(file.file.delivered_on for file in files)),
    }


def received_files(
    place: Surroundings, feed: str, known_at: dt.date
) -> list[ValidatedFile]:
    """Return the files of a feed in force at a date: landed, typed, on the disk."""
    campaign, progress = load_campaign(place.campaign), Progress()
    with usable(place.home), working_folder(place.home) as work:
        source = Source(place.source, [feed])
        landing = pull(source, place.home, known_at, work, progress)
        deliveries = choose_feed(landing.files, feed, known_at)
        catalog = campaign_tables(campaign)["sku_catalog"]
        store = ValidatedStore(place.home, campaign.catalog.sha256, catalog)
        facts = KeptFacts(place.home, campaign)
        builder_of(place_that_is_set(), facts).type_files(
            store, deliveries, work, progress
        )
        # Nobody reads these rows now, so that what was seen before need not be hashed.
        seen = facts.seen()
        files = store.validate(deliveries, work, progress, seen)
        sync_landed(deliveries.received(), place.home)
    return files


def judge(place: Surroundings, known_at: str) -> Facts:
    """Judge every feed as it is typed, before anything is decided.

    Raises:
        DataError: a critical expectation does not hold; trying again gives the same.
    """
    request = _request(place, known_at)
    campaign, progress = load_campaign(place.campaign), Progress()
    with usable(place.home), working_folder(place.home) as work:
        job, _ = prepared(request, campaign, work, progress)
        files = job.validated(work, progress)
        with job.opened(work) as (judge, con):
            job.ask(judge, con, files, work)
            verdicts = job.answers(judge)
    refuse_failed(verdicts)
    warned = [verdict for verdict in verdicts if not verdict.passed]
    return {"expectations": len(verdicts), "warnings": len(warned)}


def decide(place: Surroundings, known_at: str) -> Facts:
    """Decide and publish the run of a night; the same night again changes nothing."""
    published = run(_request(place, known_at), Progress())
    manifest = published.manifest
    totals = manifest["control_totals"]
    return {
        "run_id": manifest["run_id"],
        "path": str(published.path),
        "as_of": manifest["as_of"],
        "known_at": manifest["known_at"],
        "is_final": manifest["is_final"],
        "is_new": published.is_new,
        **{
            name: int(totals["customer_decisions"][name])
            for name in ("qualified", "pending", "not_qualified")
        },
        **{name: totals["partner_payouts"][name] for name in ("earned", "payable")},
    }


def tell_standing(place: Surroundings, decided: Facts) -> Facts:
    """Write where each partner stands: customers at risk, seats short, days left."""
    campaign = load_campaign(place.campaign)
    known_at = dt.date.fromisoformat(decided["known_at"])
    left = max(days_left(known_at, campaign.last_day), 0)
    folder = place.home / "standing" / campaign.campaign_id
    path = folder / f"{known_at}-{str(decided['run_id'])[:8]}.csv"
    run_folder = Path(decided["path"])
    with working_folder(place.home) as work, engine.opened(work) as con:
        seats = campaign.minimum_seats
        partners, at_risk = write_standing(con, run_folder, path, seats, left)
    return {
        "path": str(path),
        "partners": partners,
        "customers_at_risk": at_risk,
        "days_left": left,
    }


def _request(place: Surroundings, known_at: str) -> RunRequest:
    request = RunRequest(place.source, place.home, place.campaign)
    day = dt.date.fromisoformat(known_at)
    return replace(request, known_at=day, spark=place_that_is_set())
