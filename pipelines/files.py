"""Files that appear whole or not at all, and their digests."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK_BYTES = 1 << 18
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
GATE = "gate"
LOCK_SUFFIX = ".lock"


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def canonical_json(value: Any) -> str:
    """Return the one text of *value*: sorted keys, two spaces, a last line end."""
    return json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False) + "\n"


def digest_of(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def write_atomically(path: Path, text: str, work: Path | None = None) -> None:
    """Put *text* at *path*: readers see the old file or the new one, whole.

    A draft under *work* is swept away after a kill; by default it lies beside.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = (work or path.parent) / f".{uuid.uuid4().hex}"
    draft.write_text(text, encoding="utf-8", newline="\n")
    sync(draft)
    draft.replace(path)


def link_or_copy(path: Path, other: Path) -> None:
    """Give a file a second name on its disk, or a copy where it can have but one."""
    try:
        other.hardlink_to(path)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(path, other)


def sync(path: Path) -> None:
    """Wait until a file or a folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Make a folder with all above it, and wait until they are on the disk."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    sync(path.parent)


@contextlib.contextmanager
def working_folder(home: Path) -> Iterator[Path]:
    """Give a private folder under *home*, gone at the end, even after a kill.

    A folder is locked while its process lives; the next run sweeps the others.
    """
    parent = home / "work"
    parent.mkdir(parents=True, exist_ok=True)
    # Behind the gate, nobody sweeps a folder that is made and not locked yet.
    with locked(parent / GATE):
        _sweep(parent)
        folder = parent / uuid.uuid4().hex
        lock = folder.with_suffix(LOCK_SUFFIX).open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder.mkdir(mode=PRIVATE_FOLDER)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        folder.with_suffix(LOCK_SUFFIX).unlink(missing_ok=True)
        lock.close()


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait until nobody else holds the lock of that name, and hold it."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sweep(parent: Path) -> None:
    """Remove what killed runs left: folders whose lock nobody holds."""
    for folder in {path.with_suffix("") for path in parent.iterdir()} - {parent / GATE}:
        lock = folder.with_suffix(LOCK_SUFFIX)
        with contextlib.suppress(BlockingIOError), lock.open("a") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
            # Its owner may have come to its end just now, and taken it along.
            lock.unlink(missing_ok=True)
