"""Files that appear whole or not at all, and their digests."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK_BYTES = 1 << 18
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


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


def write_atomically(path: Path, text: str) -> None:
    """Put *text* at *path*: readers see the old file or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    draft.write_text(text, encoding="utf-8", newline="\n")
    sync(draft)
    draft.replace(path)


def sync(path: Path) -> None:
    """Wait until a file or a folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def working_folder(home: Path) -> Iterator[Path]:
    """Give a private folder under *home*, gone at the end, even after a kill.

    A folder is locked while its process lives; the next run sweeps the others.
    """
    parent = home / "work"
    parent.mkdir(parents=True, exist_ok=True)
    _sweep(parent)
    folder = parent / uuid.uuid4().hex
    lock = (parent / f"{folder.name}.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder.mkdir(mode=PRIVATE_FOLDER)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        Path(lock.name).unlink(missing_ok=True)
        lock.close()


def _sweep(parent: Path) -> None:
    """Remove what killed runs left: folders whose lock nobody holds."""
    for path in parent.glob("*.lock"):
        with contextlib.suppress(FileNotFoundError), path.open("r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(path.with_suffix(""), ignore_errors=True)
            path.unlink(missing_ok=True)
