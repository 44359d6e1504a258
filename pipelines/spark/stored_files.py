"""Invoices for workers that do not share the home: sent to them, and typed rows back.

A worker leaves typed rows in the store by their digests, where Spark reads them, and
what is remembered of a file by its key: the next run finds both.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import structlog

from pipelines.files import sync
from pipelines.spark.object_store import SENDERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pipelines.landing import LandedFile
    from pipelines.progress import Progress
    from pipelines.spark.object_store import ObjectStore
    from pipelines.validated import ValidatedStore

log = structlog.get_logger(__name__)


@contextlib.contextmanager
def sent_to_workers(
    objects: ObjectStore,
    store: ValidatedStore,
    files: Sequence[LandedFile],
    catalog: Path,
    progress: Progress,
) -> Iterator[dict[str, str]]:
    """Send files as they were received, until workers are done; say where they are."""
    run = f"runs/typing-{uuid.uuid4().hex}"
    landing = store.home / "landing"
    try:
        objects.put(catalog, f"{run}/catalog.parquet")
        with ThreadPoolExecutor(SENDERS) as senders:
            paths = [file.path_in(landing) for file in files]
            names = [_landed(run, file) for file in files]
            sent = senders.map(objects.put, paths, names)
            list(progress.track(sent, "sending to the store", len(files)))
        yield {"store": objects.address, "run": run}
    finally:
        objects.clear(run)


def fetch_sent(objects: ObjectStore, run: str, file: LandedFile, home: Path) -> Path:
    """Fetch on a worker what was sent; return the catalogue."""
    catalog = home / "catalog.parquet"
    objects.get(f"{run}/catalog.parquet", catalog)
    objects.get(_landed(run, file), file.path_in(home / "landing"))
    return catalog


def send_typed(objects: ObjectStore, store: ValidatedStore, file: LandedFile) -> None:
    """Send from a worker what a file became, and at last what is remembered of it."""
    memory = store.memory_of(file)
    for path, sha256 in _outputs(store, file, memory):
        objects.keep(path, sha256)
    objects.put(memory, _memory(store, file))


def fetch_typed(
    objects: ObjectStore,
    store: ValidatedStore,
    files: Sequence[LandedFile],
    work: Path,
    progress: Progress,
) -> None:
    """Fetch what workers made of files, as if these were typed here.

    What is not there, or is none of ours, is left alone.
    """
    fetch = partial(_fetch, objects, store, work)
    with ThreadPoolExecutor(SENDERS) as fetchers:
        fetched = fetchers.map(fetch, files)
        list(progress.track(fetched, "fetching from the store", len(files)))


def _fetch(
    objects: ObjectStore, store: ValidatedStore, work: Path, file: LandedFile
) -> None:
    name = _memory(store, file)
    if not objects.has(name):
        return
    memory = work / f"{store.key_of(file)}.json"
    objects.get(name, memory)
    try:
        outputs = _outputs(store, file, memory)
    except (ValueError, TypeError, KeyError):
        log.warning("memory_damaged", file=file.place)
        return
    for number, (path, sha256) in enumerate(outputs):
        draft = memory.with_suffix(f".{number}")
        objects.get(objects.kept(sha256), draft)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.replace(path)
    final = store.memory_of(file)
    final.parent.mkdir(parents=True, exist_ok=True)
    sync(memory)
    memory.replace(final)


def _outputs(
    store: ValidatedStore, file: LandedFile, memory: Path
) -> list[tuple[Path, str]]:
    facts = json.loads(memory.read_text(encoding="utf-8"))["facts"]
    outputs = store.outputs_of(file)
    return [
        (outputs.validated, facts["validated_sha256"]),
        (outputs.quarantine, facts["quarantine_sha256"]),
    ]


def _landed(run: str, file: LandedFile) -> str:
    return f"{run}/landing/{file.sha256}"


def _memory(store: ValidatedStore, file: LandedFile) -> str:
    return f"typed/{store.key_of(file)}.json"
