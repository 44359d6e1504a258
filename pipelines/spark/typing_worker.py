"""What a worker of Spark runs to type one file: it is told which on stdin."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from pipelines import arrow_import
from pipelines.files import working_folder
from pipelines.landing import LandedFile
from pipelines.spark.object_store import ObjectStore
from pipelines.spark.stored_files import fetch_sent, send_typed
from pipelines.text_scan import UnreadableFileError
from pipelines.validated import ValidatedStore


def main(told: dict[str, Any]) -> None:
    """Type the file that is told of; leave to the run what cannot be trusted.

    Whoever is killed and asked again types it again, to the same bytes.
    """
    day = dt.date.fromisoformat(told["file"]["delivered_on"])
    file = LandedFile(**told["file"] | {"delivered_on": day})
    if "home" in told:
        store = _store(Path(told["home"]), told, Path(told["catalog"]))
        if store.untyped([file]):
            _type(store, file)
        return
    # Where Spark has a worker start, it removes what is left.
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        home, objects = Path(folder), ObjectStore(told["store"])
        catalog = fetch_sent(objects, told["run"], file, home)
        store = _store(home, told, catalog)
        _type(store, file)
        if not store.untyped([file]):
            send_typed(objects, store, file)


def _store(home: Path, told: dict[str, Any], catalog: Path) -> ValidatedStore:
    arrow_import.import_now()
    import pyarrow.parquet as pq

    return ValidatedStore(home, told["catalog_sha256"], pq.read_table(catalog))


def _type(store: ValidatedStore, file: LandedFile) -> None:
    with (
        working_folder(store.home) as work,
        contextlib.suppress(UnreadableFileError),
    ):
        store.type_file(file, work)


if __name__ == "__main__":
    main(json.load(sys.stdin))
