"""That both engines agreed on a run: a small file in its home, which payments ask for.

It names the bytes of the run, by the digest of its manifest, and the version of the
second reading. For another run, or another reading, it says nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pipelines.files import canonical_json, digest_of, write_atomically
from pipelines.reperformance.second_reading import second_reading_version

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pipelines.recorded import RecordedRun
    from pipelines.reperformance.comparison import TableComparison

FORMAT = 1


def agreement(run: RecordedRun, tables: Iterable[TableComparison]) -> dict[str, Any]:
    """Return the record of an agreement; the same comparison gives the same one."""
    return {
        **_about(run),
        "rows": {table.table: table.rows for table in tables},
    }


def recorded_agreement(run: RecordedRun) -> dict[str, Any] | None:
    """Return what is recorded of these very bytes and this second reading, if it is."""
    try:
        record: dict[str, Any] = json.loads(agreement_path(run).read_bytes())
        said = {key: record[key] for key in _about(run)}
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return record if said == _about(run) else None


def record_agreement(run: RecordedRun, record: dict[str, Any], work: Path) -> None:
    """Keep the record; drafts are made under *work*."""
    write_atomically(agreement_path(run), canonical_json(record), work)


def agreement_path(run: RecordedRun) -> Path:
    """Return where the record of a run lies, if there is one."""
    return run.home / "reperformed" / f"{run.run_id}.json"


def agreement_digest(record: dict[str, Any]) -> str:
    """Return the digest by which the ledger names the record."""
    return digest_of(record)


def _about(run: RecordedRun) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "run_id": run.run_id,
        "manifest_sha256": run.manifest["manifest_sha256"],
        "engines": {
            "sql": run.manifest["code"]["digest"],
            "python": second_reading_version(),
        },
    }
