"""What is reported of the data of a run, and what stops it."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipelines.errors import DataError
from pipelines.feeds import FEEDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.decide import Finding
    from pipelines.expectations import Verdict
    from pipelines.validated import ValidatedFile


def feed_rows(files: Sequence[ValidatedFile]) -> dict[str, dict[str, int]]:
    """Return per feed how many rows were read, validated and quarantined."""
    return {
        feed: {
            "read": sum(f.facts.rows_read for f in mine),
            "validated": sum(f.facts.rows_validated for f in mine),
            "quarantined": sum(f.facts.rows_quarantined for f in mine),
        }
        for feed in FEEDS
        for mine in [[f for f in files if f.file.feed == feed]]
    }


def check_conservation(files: Sequence[ValidatedFile]) -> None:
    """Prove that no row was lost or made up: per file, and so in total.

    Raises:
        DataError: a file has other rows than it was read with.
    """
    for file in files:
        facts = file.facts
        if facts.rows_read != facts.rows_validated + facts.rows_quarantined:
            message = (
                f"{file.file.place}: {facts.rows_read} rows were read, but "
                f"{facts.rows_validated} validated and {facts.rows_quarantined} "
                "quarantined; nothing was published. Report this as a defect."
            )
            raise DataError(message)


def check_quarantine_shares(
    rows: dict[str, dict[str, int]], files: Sequence[ValidatedFile], most: Decimal
) -> None:
    """Refuse a run of which too much lies in quarantine.

    Raises:
        DataError: the share of a feed's rows is above *most*.
    """
    for feed, counts in rows.items():
        if Decimal(counts["quarantined"]) > most * counts["read"]:
            reasons = _reasons(files, feed)
            worst = ", ".join(f"{code} {n}" for code, n in reasons.most_common(3))
            message = (
                f"{counts['quarantined']} of {counts['read']} rows of {feed} are "
                f"faulty ({worst}), more than the share of {most} that "
                "--max-quarantine-share allows; nothing was published. Look at the "
                f"rows under quarantine/{feed}/ and ask the sender to correct them."
            )
            raise DataError(message)


def _reasons(files: Sequence[ValidatedFile], feed: str) -> Counter[str]:
    reasons: Counter[str] = Counter()
    for file in files:
        if file.file.feed == feed:
            reasons.update(file.facts.reasons)
    return reasons


def quality_report(
    files: Sequence[ValidatedFile],
    notices: Sequence[str],
    warnings: Sequence[Finding],
    audits: Sequence[str],
    verdicts: Sequence[Verdict],
) -> dict[str, Any]:
    """Return the content of ``data_quality.json``: deterministic, without secrets."""
    rows = feed_rows(files)
    unknown = [
        f"{file.file.place}: {', '.join(file.facts.unknown_columns)}"
        for file in files
        if file.facts.unknown_columns
    ]
    return {
        "feeds": {
            feed: counts | {"reasons": dict(sorted(_reasons(files, feed).items()))}
            for feed, counts in rows.items()
        },
        "files": [
            {
                "file": file.file.place,
                "read": file.facts.rows_read,
                "validated": file.facts.rows_validated,
                "quarantined": file.facts.rows_quarantined,
                "reasons": file.facts.reasons,
            }
            for file in files
        ],
        "notices": sorted(notices),
        "unknown_columns": unknown,
        "warnings": [warning.as_dict() for warning in warnings],
        "audits": list(audits),
        "expectations": [verdict.as_dict() for verdict in verdicts],
    }
