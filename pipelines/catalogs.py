"""The catalogues of offers that runs were decided with, kept in the home by digest."""

from __future__ import annotations

import shutil
import uuid
from typing import TYPE_CHECKING

from pipelines.errors import DifferenceError
from pipelines.files import make_folder, sha256_of_file, sync
from pipelines.paths import REFERENCE_DIR
from pipelines.sku_catalog import read_sku_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipelines.sku_catalog import SkuCatalog


def keep_catalog(home: Path, catalog: SkuCatalog, work: Path) -> None:
    """Keep a copy of the catalogue's bytes: its file may change, or move, later."""
    kept = _place(home, catalog.sha256)
    if kept.exists():
        return
    make_folder(kept.parent)
    draft = work / uuid.uuid4().hex
    shutil.copyfile(catalog.path, draft)
    sync(draft)
    # Another file has taken its place since it was read: that one decides nothing.
    if sha256_of_file(draft) == catalog.sha256:
        draft.replace(kept)


def kept_catalog(home: Path, sha256: str) -> SkuCatalog:
    """Return the catalogue with those bytes: the kept copy, or one that ships.

    Raises:
        DifferenceError: neither is there with those bytes.
    """
    for path in _places(home, sha256):
        if path.is_file() and sha256_of_file(path) == sha256:
            return read_sku_catalog(path)
    kept = _place(home, sha256)
    message = (
        f"{kept} is missing or has other bytes, so that the run cannot be computed "
        "again: put back the catalogue of offers that it was decided with."
    )
    raise DifferenceError(message)


def _places(home: Path, sha256: str) -> Iterator[Path]:
    yield _place(home, sha256)
    yield from sorted(REFERENCE_DIR.glob("*.csv"))


def _place(home: Path, sha256: str) -> Path:
    return home / "catalogs" / f"{sha256}.csv"
