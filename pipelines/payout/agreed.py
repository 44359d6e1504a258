"""Money follows a run only if two engines, written apart, came to the same rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pipelines.errors import LedgerError
from pipelines.files import working_folder
from pipelines.recorded import RecordedRun
from pipelines.reperformance.agreement import (
    agreement_digest,
    record_agreement,
    recorded_agreement,
)
from pipelines.reperformance.reperform import PYTHON, reperform

if TYPE_CHECKING:
    from pipelines.payout.final_run import FinalRun
    from pipelines.progress import Progress


def agreed_run(run: FinalRun, progress: Progress, *, keep: bool) -> FinalRun:
    """Return *run* with the digest of the agreement on it, reached now if need be.

    Raises:
        LedgerError: the engines do not agree.
        DifferenceError: a file of the run cannot be read.
    """
    recorded = RecordedRun(run.path, run.path.resolve().parents[3], run.manifest)
    record = recorded_agreement(recorded)
    if record is None:
        record = _reached_now(recorded, progress)
        if keep:
            with working_folder(recorded.home) as work:
                record_agreement(recorded, record, work)
    return replace(run, agreement_sha256=agreement_digest(record))


def _reached_now(run: RecordedRun, progress: Progress) -> dict[str, Any]:
    found = reperform(run, (PYTHON,), progress)
    if found.agreement is None:
        message = (
            f"the two engines do not agree on run {run.run_id}, so nothing was "
            f"prepared: {found.differences[0]}. See all of it with `cashback reperform "
            f"{run.run_id}`, and pay nobody before it is explained."
        )
        raise LedgerError(message)
    return found.agreement
