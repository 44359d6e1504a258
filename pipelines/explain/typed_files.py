"""The typed rows that a published run was decided from, where they still are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.errors import DifferenceError
from pipelines.typed_rows import OutputPaths
from pipelines.validated import ValidatedFile
from pipelines.validation import FileFacts
from pipelines.verify import typed_differences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.landing import LandedFile
    from pipelines.recorded import RecordedRun


def typed_files(run: RecordedRun) -> list[ValidatedFile]:
    """Return the files in force of a run, typed as they were.

    Raises:
        DifferenceError: typed rows are gone, or have other bytes.
    """
    items = run.manifest["inputs"]
    for item in items:
        for difference in typed_differences(run.home, item):
            message = (
                f"run {run.run_id} cannot be decided again: {difference}. Look at all "
                "of it with `cashback verify`, and give the --home of the run."
            )
            raise DifferenceError(message)
    return [
        _typed(run, file, item) for file, item in zip(run.inputs(), items, strict=True)
    ]


def _typed(
    run: RecordedRun, file: LandedFile, item: Mapping[str, Any]
) -> ValidatedFile:
    place = f"{file.feed}/delivery={file.delivered_on}/{file.name}.parquet"
    facts = FileFacts(
        rows_read=item["rows"],
        rows_validated=item["validated"],
        rows_quarantined=item["quarantined"],
        reasons={},
        unknown_columns=(),
        total_for_customer=item["total_for_customer"],
        validated_sha256=item["validated_sha256"],
        quarantine_sha256=item["quarantine_sha256"],
    )
    folders = (run.home / name / place for name in ("validated", "quarantine"))
    return ValidatedFile(file, facts, OutputPaths(*folders))
