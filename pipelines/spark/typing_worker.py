"""What a worker of Spark runs to type one file: it is told which on stdin."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

from pipelines import arrow_import
from pipelines.files import working_folder
from pipelines.landing import LandedFile
from pipelines.text_scan import UnreadableFileError
from pipelines.validated import ValidatedStore


def main(told: dict[str, Any]) -> None:
    """Type the file that is told of; leave to the run what cannot be trusted.

    Whoever is killed and asked again types it again, to the same bytes.
    """
    arrow_import.import_now()
    import pyarrow.parquet as pq

    home = Path(told["home"])
    day = dt.date.fromisoformat(told["file"]["delivered_on"])
    file = LandedFile(**told["file"] | {"delivered_on": day})
    store = ValidatedStore(home, told["catalog_sha256"], pq.read_table(told["catalog"]))
    if not store.untyped([file]):
        return
    with working_folder(home) as work, contextlib.suppress(UnreadableFileError):
        store.type_file(file, work)


if __name__ == "__main__":
    main(json.load(sys.stdin))
