"""What ``cashback verify`` says of a run or a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.errors import UsageError
from pipelines.payout.batches import is_batch
from pipelines.payout.verify_batch import verify_batch
from pipelines.settings import load_settings
from pipelines.verify import find_run, verify_run

if TYPE_CHECKING:
    from pathlib import Path


def verify_summary(home: Path, name: str) -> tuple[dict[str, Any], str]:
    """Return what is printed: as JSON, and in words if all is well.

    Raises:
        UsageError: there is neither such a run nor such a batch.
    """
    if is_batch(home, name):
        return _batch_summary(home, name)
    try:
        return _run_summary(home, name)
    except UsageError as no_run:
        # A batch whose folder is gone is known to the ledger alone.
        try:
            return _batch_summary(home, name)
        except UsageError:
            message = (
                f"{no_run} Or the id of a batch, as `cashback payout list` shows it."
            )
            raise UsageError(message) from None


def _run_summary(home: Path, run: str) -> tuple[dict[str, Any], str]:
    folder = find_run(home, run)
    manifest, differences = verify_run(home, folder)
    summary = {
        "run_id": manifest.get("run_id"),
        "path": str(folder),
        "differences": differences,
    }
    counts = {key: len(manifest.get(key, ())) for key in ("outputs", "inputs")}
    text = (
        f"run {summary['run_id']}: {counts['outputs']} outputs and "
        f"{counts['inputs']} inputs are as published."
    )
    return summary, text


def _batch_summary(home: Path, batch: str) -> tuple[dict[str, Any], str]:
    found, differences = verify_batch(home, batch, load_settings(home))
    summary = {
        "batch_id": found.batch_id,
        "path": str(found.folder(home)),
        "differences": differences,
    }
    return summary, f"batch {found.batch_id}: its files and the ledger agree."
