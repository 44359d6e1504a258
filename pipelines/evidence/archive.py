"""One zip of named contents: the same contents give the same bytes, on any day."""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import HomeError, UsageError
from pipelines.files import BLOCK_BYTES, sha256_of_file, sync
from pipelines.manifest import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Mapping

SUMS = "SHA256SUMS"
# A zip has to name a moment; the first that it can is nobody's.
NO_MOMENT = (1980, 1, 1, 0, 0, 0)
READABLE = 0o644 << 16
UNIX = 3

# A content is bytes, or the file that holds them.
Contents = dict[str, "bytes | Path"]


def checksums(contents: Mapping[str, bytes | Path]) -> bytes:
    """Return the digests of *contents* as ``sha256sum -c`` reads them."""
    lines = [f"{_digest(contents[name])}  {name}\n" for name in sorted(contents)]
    return "".join(lines).encode()


def _digest(content: bytes | Path) -> str:
    if isinstance(content, Path):
        return sha256_of_file(content)
    return hashlib.sha256(content).hexdigest()


def write_archive(contents: Mapping[str, bytes | Path], out: Path) -> bool:
    """Write *contents* and their digests to *out*; False if it held them before.

    Nothing is packed tighter than it is: how tight depends on a library's version.

    Raises:
        UsageError: *out* holds something else, or would be part of what is published.
        HomeError: it cannot be written.
    """
    if (out.resolve().parent / MANIFEST).exists():
        message = (
            f"{out} lies in a published folder, which never changes; nothing was "
            "written. Give --out a file elsewhere."
        )
        raise UsageError(message)
    draft = out.with_name(f".{uuid.uuid4().hex}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _write(dict(contents) | {SUMS: checksums(contents)}, draft)
        return _put(draft, out)
    except OSError as error:
        message = (
            f"{out} cannot be written ({error.strerror}); there is no evidence pack. "
            "Give --out a file in a folder that can be written, on a disk with room."
        )
        raise HomeError(message) from error
    finally:
        draft.unlink(missing_ok=True)


def _write(contents: Mapping[str, bytes | Path], path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(contents):
            content = contents[name]
            member = zipfile.ZipInfo(name, NO_MOMENT)
            member.external_attr, member.create_system = READABLE, UNIX
            if isinstance(content, bytes):
                archive.writestr(member, content)
                continue
            member.file_size = content.stat().st_size
            with content.open("rb") as source, archive.open(member, "w") as target:
                shutil.copyfileobj(source, target, BLOCK_BYTES)


def _put(draft: Path, out: Path) -> bool:
    """Give the draft its name, unless another file has it."""
    sync(draft)
    try:
        os.link(draft, out)
    except FileExistsError:
        if out.is_file() and sha256_of_file(out) == sha256_of_file(draft):
            return False
        message = (
            f"{out} is there already, and holds something else; nothing was written "
            "over it. Give another file to --out."
        )
        raise UsageError(message) from None
    sync(out.parent)
    return True
