"""Write a synthetic campaign: extracts in the real formats, and what they come to."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.campaign import load_campaign
from pipelines.errors import CampaignError, UsageError
from pipelines.files import GATE, working_folder
from pipelines.generation.casting import Casting
from pipelines.generation.expected import ExpectedResults
from pipelines.generation.feeds import SnapshotFiles, UsageFiles
from pipelines.generation.filler import Filler
from pipelines.generation.invoices import FILES_OF_A_SMALL_MONTH, InvoiceBook
from pipelines.generation.readme import readme
from pipelines.generation.world import World
from pipelines.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipelines.campaign import Campaign
    from pipelines.generation.order import Order

# A small campaign shows every dialect; a big one is written in the plain, fast way.
MOST_VARIED_CUSTOMERS = 1_000
MOST_VARIED_LINES = 50_000
LINES_OF_AN_INVOICE = 200_000
# Stories told to guess how many lines all of them have.
TOLD_TO_GUESS = 400
SHORTEST_CAMPAIGN_DAYS = 75


@dataclass(frozen=True)
class GeneratedCampaign:
    """What was written, and what the default run over it is to decide."""

    path: str
    campaign_id: str
    seed: int
    customers: int
    partners: int
    billing_lines: int
    billing_files: int
    license_usage_rows: int
    snapshot_rows: int
    qualified: int
    pending: int
    not_qualified: int


def generate(order: Order, progress: Progress | None = None) -> GeneratedCampaign:
    """Write the campaign of an order under its folder, whole or not at all.

    Raises:
        UsageError: the folder has content, or cannot be written to.
        CampaignError: the terms are invalid, or too tight for the stories.
    """
    campaign = load_campaign(order.campaign)
    _refuse_tight_terms(campaign)
    with _draft_of(order.out) as draft:
        written = _Writing(order, campaign, draft).write(progress or Progress())
        draft.rename(order.out)
    return written


def _refuse_tight_terms(campaign: Campaign) -> None:
    days = (campaign.last_day - campaign.first_day).days + 1
    wrong = None
    if days < SHORTEST_CAMPAIGN_DAYS:
        wrong = f"lasts {days} days, and {SHORTEST_CAMPAIGN_DAYS} are needed"
    elif campaign.minimum_seats < 2:  # noqa: PLR2004 - one seat cannot be one short
        wrong = "asks for a single seat, so that nobody can be one short"
    if wrong:
        message = (
            f"campaign {campaign.campaign_id} {wrong}; nothing was generated: give "
            "another campaign with --campaign."
        )
        raise CampaignError(message)


@contextlib.contextmanager
def _draft_of(out: Path) -> Iterator[Path]:
    """Give a folder beside *out* to write in; gone at the end, even after a kill."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        message = (
            f"{out} is not an empty folder; nothing was generated: name a folder "
            "that is not there yet."
        )
        raise UsageError(message)
    drafts = out.absolute().parent / f".{out.absolute().name}.drafts"
    try:
        with working_folder(drafts) as work:
            draft = work / "campaign"
            draft.mkdir(mode=0o755)
            yield draft
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = f"{out} cannot be written ({reason}); nothing was generated."
        raise UsageError(message) from error
    finally:
        _remove_unused(drafts)


def _remove_unused(drafts: Path) -> None:
    """Another generation may be using the folder of drafts: then it stays."""
    work = drafts / "work"
    with contextlib.suppress(OSError):
        if [path.name for path in work.iterdir()] == [GATE]:
            (work / GATE).unlink()
        work.rmdir()
        drafts.rmdir()


class _Writing:
    """One campaign on its way to the files."""

    def __init__(self, order: Order, campaign: Campaign, draft: Path) -> None:
        self._order, self._draft = order, draft
        world = World.of(campaign, order.seed)
        self._casting = Casting(world, order.customers)
        told, asked = self._lines_told(), order.billing_lines or 0
        is_varied = (
            order.customers <= MOST_VARIED_CUSTOMERS and asked <= MOST_VARIED_LINES
        )
        files = order.billing_files or _files_for(max(told, asked), world)
        self._book = InvoiceBook(
            draft, world, order.customers, files, is_varied=is_varied
        )
        self._filler = Filler(world, order.customers, asked - told)
        self._usage = UsageFiles(draft, world, is_varied=is_varied)
        self._snapshots = SnapshotFiles(draft, world, is_varied=is_varied)
        self._expected = ExpectedResults(draft / "expected", campaign)
        self._kinds = {
            self._casting.id_of(number): self._casting.kind_of(number)
            for number in range(self._casting.partners)
        }

    def _lines_told(self) -> int:
        """Return about how many lines all stories have."""
        customers = self._order.customers
        told = range(0, customers, max(customers // TOLD_TO_GUESS, 1))
        lines = sum(
            len(subscription.lines)
            for number in told
            for subscription in self._casting.story(number).subscriptions
        )
        return lines * customers // len(told)

    def write(self, progress: Progress) -> GeneratedCampaign:
        """Write every feed, what is expected, and what it is all about."""
        customers, partners = self._order.customers, self._casting.partners
        for number in progress.track(range(customers), "customers", customers):
            self._add_customer(number)
        for number in progress.track(range(partners), "partners", partners):
            self._snapshots.add_partner(self._casting.partner(number))
        self._expected.close(self._kinds.items())
        lines, files = self._book.close()
        page = readme(self._casting, self._order, self._book)
        path = self._draft / "README.md"
        path.write_text(page, encoding="utf-8", newline="\n")
        return GeneratedCampaign(
            path=str(self._order.out),
            campaign_id=self._casting.world.campaign.campaign_id,
            seed=self._order.seed,
            customers=customers,
            partners=partners,
            billing_lines=lines,
            billing_files=files,
            license_usage_rows=self._usage.close(),
            snapshot_rows=self._snapshots.close(),
            **self._expected.decisions,
        )

    def _add_customer(self, number: int) -> None:
        """Write what the feeds say of a customer, and what is expected of it."""
        self._book.turn_to(number)
        story = self._casting.story(number)
        for subscription in story.subscriptions:
            self._book.bill(subscription)
        story = self._filler.add(story, number, self._book)
        self._usage.add(story)
        self._snapshots.add_customer(story)
        self._expected.add(story, self._kinds)


def _files_for(lines: int, world: World) -> int:
    """Return how many invoices so many lines are spread over."""
    fewest = FILES_OF_A_SMALL_MONTH * len(world.table.months)
    return max(fewest, -(-lines // LINES_OF_AN_INVOICE))
