"""Pull the extracts and keep them: ``landing/`` holds the bytes as received.

A file is pulled once. Its receipt, under ``receipts/``, says what was received,
from where and when; the same name with other bytes is refused, for ever.
"""

from __future__ import annotations

import datetime as dt
import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from pipelines.errors import DataError
from pipelines.feeds import FEEDS
from pipelines.files import PRIVATE_FILE, PRIVATE_FOLDER, sha256_of_file, sync
from pipelines.receipts import Receipt, now, read_receipt, receipts, write_receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from pipelines.progress import Progress
    from pipelines.source import Copied, ListedFile, Source

    OnListed = Callable[[Sequence[ListedFile]], Callable[["LandedFile"], object]]

log = structlog.get_logger(__name__)

DATA_SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
CONTROL_SUFFIX = ".control.json"
PUBLIC_FILE = 0o644


@dataclass(frozen=True, order=True)
class LandedFile:
    """One file of one delivery, as it was received."""

    feed: str
    delivered_on: dt.date
    name: str
    sha256: str
    size: int
    # Whether this very process received it: its bytes were seen, but may not yet be
    # on the disk. See sync_landed.
    is_fresh: bool = field(default=False, compare=False)

    @property
    def place(self) -> str:
        """How messages and evidence name the file."""
        return f"{self.feed}/{self.delivered_on}/{self.name}"

    @property
    def is_data(self) -> bool:
        """Whether it holds records: no control file, nothing hidden, nothing else."""
        is_hidden = self.name.startswith(".")
        return not is_hidden and self.name.lower().endswith(DATA_SUFFIXES)

    @property
    def invoice_number(self) -> str:
        """What a billing file is the invoice of: its name up to the first dot."""
        return self.name.partition(".")[0]

    def path_in(self, folder: Path, suffix: str = "") -> Path:
        """Return the file's place under ``landing/`` or a folder laid out like it."""
        return folder / self.feed / self.delivered_on.isoformat() / (self.name + suffix)


@dataclass(frozen=True)
class Landing:
    """All files known to a run, and what was noticed while pulling them."""

    files: tuple[LandedFile, ...]
    notices: tuple[str, ...]


def pull(  # noqa: PLR0913, PLR0917 - where from, where to, and who is told
    source: Source,
    home: Path,
    known_at: dt.date | None,
    work: Path,
    progress: Progress,
    on_listed: OnListed | None = None,
) -> Landing:
    """Copy what is new in *source* to ``landing/``; return all files known.

    What *on_listed* makes of the listing is handed each file that was copied just now,
    while others are still on their way.

    Raises:
        SourceError: the source cannot be read.
        DataError: a file that was received before now has other bytes.
    """
    listed, notices = source.listing(known_at)
    lander = _Lander(source, home, work)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        landed = pool.map(lander.land, listed)
        files = []
        on_landed = on_listed(listed) if on_listed else None
        for file in progress.track(landed, "pulling", len(listed)):
            files.append(file)
            if on_landed and file.is_fresh:
                on_landed(file)
    kept, lost = _landed_before(source, home, files, known_at)
    return Landing(tuple(sorted(files + kept)), (*notices, *lost))


def sync_landed(files: Iterable[LandedFile], home: Path) -> None:
    """Wait until what was just received is on the disk.

    A run waits for it before it publishes, and works meanwhile. A receipt may be on
    the disk earlier: a file that a power cut tore is found by its size or digest.
    """
    fresh = [file.path_in(home / "landing") for file in files if file.is_fresh]
    for path in (*fresh, *sorted({path.parent for path in fresh})):
        sync(path)


@dataclass(frozen=True)
class _Lander:
    """What it takes to land one file."""

    source: Source
    home: Path
    work: Path

    def land(self, file: ListedFile) -> LandedFile:
        """Make sure that the file lies in ``landing/``, and has a receipt."""
        target = self.home / "landing" / file.place
        receipt = read_receipt(self.home, file.place)
        is_fresh = not target.exists()
        if is_fresh:
            receipt = self._receive(file, target, receipt)
        elif not receipt or receipt.fingerprint != file.fingerprint:
            receipt = self._same_again(file, target, receipt)
        _refuse_torn(target, receipt)
        return LandedFile(
            file.feed,
            file.delivered_on,
            file.name,
            receipt.sha256,
            receipt.size,
            is_fresh,
        )

    def _receive(
        self, file: ListedFile, target: Path, earlier: Receipt | None
    ) -> Receipt:
        draft = self.work / uuid.uuid4().hex
        is_secret = FEEDS[file.feed].is_secret
        draft.touch(mode=PRIVATE_FILE if is_secret else PUBLIC_FILE)
        with draft.open("wb") as out:
            copied = self.source.copy(file, out)
        _refuse_other_bytes(file, earlier.sha256 if earlier else None, copied)
        target.parent.mkdir(parents=True, exist_ok=True)
        if is_secret:
            target.parent.parent.chmod(PRIVATE_FOLDER)
        try:
            # A link, not a rename: it never replaces what another run just landed.
            os.link(draft, target)
        except FileExistsError:
            return self._same_again(file, target, None)
        finally:
            draft.unlink()
        log.info("file_landed", file=file.place)
        return self._acknowledged(file, copied)

    def _same_again(
        self, file: ListedFile, target: Path, receipt: Receipt | None
    ) -> Receipt:
        """Compare the source's bytes with those that are kept, and refuse others."""
        copied = self.source.copy(file, None)
        kept = receipt.sha256 if receipt else sha256_of_file(target)
        _refuse_other_bytes(file, kept, copied)
        return self._acknowledged(file, copied, receipt)

    def _acknowledged(
        self, file: ListedFile, copied: Copied, earlier: Receipt | None = None
    ) -> Receipt:
        receipt = Receipt(
            sha256=copied.sha256,
            size=copied.size,
            source=f"{self.source.uri}/{file.place}",
            received_at=earlier.received_at if earlier else now(),
            fingerprint=file.fingerprint,
        )
        write_receipt(self.home, file.place, receipt, self.work)
        return receipt


def _refuse_other_bytes(file: ListedFile, kept: str | None, found: Copied) -> None:
    if kept and kept != found.sha256:
        message = (
            f"{file.place} was received before with other bytes (SHA-256 "
            f"{kept[:12]}, now {found.sha256[:12]}); nothing was published. Deliver a "
            "correction in a folder of a later date, and give another source a --home "
            "of its own."
        )
        raise DataError(message)


def _refuse_torn(target: Path, receipt: Receipt) -> None:
    size = target.stat().st_size if target.exists() else None
    if size != receipt.size:
        found = "is missing" if size is None else f"has {size:,} bytes"
        message = (
            f"{target} {found}, and {receipt.size:,} were received; nothing was "
            "published. Remove the file and its receipt, and run again to receive it "
            "once more."
        )
        raise DataError(message)


def _landed_before(
    source: Source, home: Path, files: Iterable[LandedFile], known_at: dt.date | None
) -> tuple[list[LandedFile], list[str]]:
    """Return files that this source delivered once and no longer lists.

    What was received counts, though the source has cleaned up since.
    """
    listed = {file.place for file in files}
    kept, notices = [], []
    for place, receipt in receipts(home):
        if place in listed or receipt.source != f"{source.uri}/{place}":
            continue
        feed, delivery, name = place.split("/", 2)
        delivered_on = dt.date.fromisoformat(delivery)
        if known_at is None or delivered_on <= known_at:
            _refuse_torn(home / "landing" / place, receipt)
            kept.append(
                LandedFile(feed, delivered_on, name, receipt.sha256, receipt.size)
            )
            notices.append(f"{place} is no longer at the source: still used")
    return kept, notices
