"""Pull the extracts and keep them: ``landing/`` holds the bytes as received.

A file is pulled once. Its receipt, under ``receipts/``, says what was received,
from where and when; the same name with other bytes is refused, for ever.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import structlog

from pipelines.errors import DataError, SourceError
from pipelines.feeds import FEEDS
from pipelines.files import (
    BLOCK_BYTES,
    PRIVATE_FILE,
    PRIVATE_FOLDER,
    canonical_json,
    sha256_of_file,
    write_atomically,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pipelines.progress import Progress

log = structlog.get_logger(__name__)

DATA_SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
CONTROL_SUFFIX = ".control.json"
_DELIVERY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, order=True)
class LandedFile:
    """One file of one delivery, as it was received."""

    feed: str
    delivered_on: dt.date
    name: str
    sha256: str
    size: int

    @property
    def place(self) -> str:
        """How messages and evidence name the file."""
        return f"{self.feed}/{self.delivered_on}/{self.name}"

    @property
    def is_data(self) -> bool:
        """Whether it holds records: not a control file, nor something else."""
        return self.name.lower().endswith(DATA_SUFFIXES)

    @property
    def invoice_number(self) -> str:
        """What a billing file is the invoice of: its name up to the first dot."""
        return self.name.partition(".")[0]

    def path_in(self, folder: Path, suffix: str = "") -> Path:
        """Return the file's place under ``landing/`` or a folder laid out like it."""
        return folder / self.feed / self.delivered_on.isoformat() / (self.name + suffix)


@dataclass(frozen=True)
class Receipt:
    """What was received, from where, and when; fingerprint: the source's own mark."""

    sha256: str
    size: int
    source: str
    received_at: str
    fingerprint: str


@dataclass(frozen=True)
class Landing:
    """All files known to a run, and what was noticed while pulling them."""

    files: tuple[LandedFile, ...]
    known_at: dt.date | None
    notices: tuple[str, ...]


@dataclass(frozen=True)
class _Listed:
    feed: str
    delivered_on: dt.date
    name: str
    path: str
    size: int | None


class Source:
    """Where the extracts are delivered: a folder, or any fsspec URI."""

    def __init__(self, uri: str) -> None:
        import fsspec

        try:
            self._fs, root = fsspec.core.url_to_fs(uri)
        except (ImportError, ValueError) as error:
            message = (
                f"source {uri!r} cannot be opened ({error}); nothing was published. "
                "Give a folder or a URI that fsspec knows."
            )
            raise SourceError(message) from error
        self._root = root.rstrip("/")
        # Without user name and password: receipts are for everybody's eyes.
        self.uri = re.sub(r"//[^/@]*@", "//", self._fs.unstrip_protocol(self._root))

    def listing(self) -> tuple[list[_Listed], list[str]]:
        """Return the files of all feeds, and notices of what is no delivery."""
        with self._reachable(self.uri):
            self._fs.invalidate_cache()
            if not self._fs.exists(self._root):
                raise FileNotFoundError(self.uri)
            found = [
                (feed, info)
                for feed in FEEDS
                for info in self._fs.find(
                    f"{self._root}/{feed}", maxdepth=None, detail=True
                ).values()
            ]
        listed, notices = [], []
        for feed, info in sorted(found, key=lambda item: str(item[1]["name"])):
            file = self._listed(feed, info)
            if file:
                listed.append(file)
            else:
                notices.append(f"{info['name']} lies outside a delivery: not read")
        return listed, notices

    def _listed(self, feed: str, info: dict[str, Any]) -> _Listed | None:
        parts = str(info["name"]).rstrip("/").split(f"/{feed}/")[-1].split("/")
        if len(parts) != 2 or not _DELIVERY.fullmatch(parts[0]):  # noqa: PLR2004 - date/name
            return None
        try:
            delivered_on = dt.date.fromisoformat(parts[0])
        except ValueError:
            return None
        return _Listed(feed, delivered_on, parts[1], info["name"], info.get("size"))

    def fingerprint(self, file: _Listed) -> str:
        """Return the source's mark of a file's state: size, times, ETag."""
        with self._reachable(file.path):
            return str(self._fs.ukey(file.path))

    def copy(self, file: _Listed, to: Path | None) -> tuple[str, int]:
        """Read a file once, keep its bytes if asked; return its SHA-256 and size.

        Raises:
            SourceError: it cannot be read, or it changed while it was read.
        """
        before = self.fingerprint(file)
        digest, size = hashlib.sha256(), 0
        with self._reachable(file.path), contextlib.ExitStack() as stack:
            stream = stack.enter_context(self._fs.open(file.path, "rb"))
            out = stack.enter_context(to.open("wb")) if to else None
            while block := stream.read(BLOCK_BYTES):
                digest.update(block)
                size += len(block)
                if out:
                    out.write(block)
            self._fs.invalidate_cache(file.path)
        if self.fingerprint(file) != before or (
            file.size is not None and size != file.size
        ):
            message = (
                f"{file.path} changed while it was read ({size:,} bytes seen); nothing "
                "was published. Run again when the sender has finished."
            )
            raise SourceError(message)
        return digest.hexdigest(), size

    @contextlib.contextmanager
    def _reachable(self, path: str) -> Any:
        try:
            yield
        except OSError as error:
            reason = error.strerror or type(error).__name__
            message = (
                f"{path} cannot be read ({reason}); nothing was published. "
                "Check the source and run again."
            )
            raise SourceError(message) from error


def pull(
    source: Source, home: Path, known_at: dt.date | None, work: Path, progress: Progress
) -> Landing:
    """Copy what is new in *source* to ``landing/``; return all files known.

    Raises:
        SourceError: the source cannot be read.
        DataError: a file that was received before now has other bytes.
    """
    listed, notices = source.listing()
    wanted = [f for f in listed if known_at is None or f.delivered_on <= known_at]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        files = list(
            progress.track(
                pool.map(lambda file: _land(source, file, home, work), wanted),
                "pulling",
                len(wanted),
            )
        )
    kept, lost = _landed_before(source, home, files, known_at)
    everything = sorted(files + kept)
    return Landing(tuple(everything), known_at, (*notices, *lost))


def _land(source: Source, file: _Listed, home: Path, work: Path) -> LandedFile:
    target = home / "landing" / file.feed / file.delivered_on.isoformat() / file.name
    receipt = read_receipt(home, file.feed, file.delivered_on, file.name)
    fingerprint = source.fingerprint(file)
    if target.exists():
        if receipt is None or receipt.fingerprint != fingerprint:
            receipt = _same_again(source, file, target, receipt)
            _write_receipt(home, file, receipt)
        _refuse_torn(target, receipt)
    else:
        receipt = _receive(source, file, target, work)
        _write_receipt(home, file, receipt)
    return LandedFile(
        file.feed, file.delivered_on, file.name, receipt.sha256, receipt.size
    )


def _receive(source: Source, file: _Listed, target: Path, work: Path) -> Receipt:
    is_secret = FEEDS[file.feed].is_secret
    draft = work / f"{file.feed}-{file.delivered_on}-{file.name}"
    draft.touch(mode=PRIVATE_FILE if is_secret else 0o644)
    sha256, size = source.copy(file, draft)
    target.parent.mkdir(parents=True, exist_ok=True)
    if is_secret:
        target.parent.parent.chmod(PRIVATE_FOLDER)
    receipt = _receipt(source, file, sha256, size)
    try:
        # A link, not a rename: it never replaces what another run just landed.
        os.link(draft, target)
    except FileExistsError:
        return _same_again(source, file, target, None)
    finally:
        draft.unlink()
    log.info("file_landed", file=f"{file.feed}/{file.delivered_on}/{file.name}")
    return receipt


def _same_again(
    source: Source, file: _Listed, target: Path, receipt: Receipt | None
) -> Receipt:
    """Compare the source's bytes with those that are kept, and refuse others."""
    kept = receipt.sha256 if receipt else sha256_of_file(target)
    sha256, size = source.copy(file, None)
    if sha256 != kept:
        message = (
            f"{file.feed}/{file.delivered_on}/{file.name} was received before with "
            f"other bytes (SHA-256 {kept[:12]}, now {sha256[:12]}); nothing was "
            "published. Deliver a correction in a folder of a later date."
        )
        raise DataError(message)
    fresh = _receipt(source, file, sha256, size)
    if receipt is None:
        return fresh
    return Receipt(sha256, size, fresh.source, receipt.received_at, fresh.fingerprint)


def _receipt(source: Source, file: _Listed, sha256: str, size: int) -> Receipt:
    # The only clock of a run: a receipt says when, and no result depends on it.
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    place = f"{source.uri}/{file.feed}/{file.delivered_on}/{file.name}"
    return Receipt(sha256, size, place, now, source.fingerprint(file))


def _refuse_torn(target: Path, receipt: Receipt) -> None:
    if target.stat().st_size != receipt.size:
        message = (
            f"{target} has {target.stat().st_size:,} bytes, and {receipt.size:,} were "
            "received; nothing was published. Remove the file and its receipt, and "
            "run again to receive it once more."
        )
        raise DataError(message)


def _landed_before(
    source: Source, home: Path, files: Iterable[LandedFile], known_at: dt.date | None
) -> tuple[list[LandedFile], list[str]]:
    """Return files that this source delivered once and no longer lists.

    What was received counts, though the source has cleaned up since.
    """
    listed = {(f.feed, f.delivered_on, f.name) for f in files}
    kept, notices = [], []
    for path in sorted((home / "receipts").glob("*/*/*.json")):
        feed, delivery, name = *path.parts[-3:-1], path.name.removesuffix(".json")
        delivered_on = dt.date.fromisoformat(delivery)
        receipt = Receipt(**json.loads(path.read_text(encoding="utf-8")))
        if (
            (feed, delivered_on, name) not in listed
            and receipt.source.startswith(f"{source.uri}/")
            and (known_at is None or delivered_on <= known_at)
        ):
            _refuse_torn(home / "landing" / feed / delivery / name, receipt)
            kept.append(
                LandedFile(feed, delivered_on, name, receipt.sha256, receipt.size)
            )
            notices.append(f"{kept[-1].place} is no longer at the source: still used")
    return kept, notices


def read_receipt(
    home: Path, feed: str, delivered_on: dt.date, name: str
) -> Receipt | None:
    """Return the receipt of a landed file, or None if there is none."""
    path = home / "receipts" / feed / delivered_on.isoformat() / f"{name}.json"
    if not path.exists():
        return None
    return Receipt(**json.loads(path.read_text(encoding="utf-8")))


def _write_receipt(home: Path, file: _Listed, receipt: Receipt) -> None:
    folder = home / "receipts" / file.feed / file.delivered_on.isoformat()
    write_atomically(folder / f"{file.name}.json", canonical_json(asdict(receipt)))
