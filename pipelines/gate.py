"""The gate before anything is published: every suite, every audit, one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipelines.expectations import Verdict

MOST_SHOWN = 10


def refuse_failed(verdicts: Sequence[Verdict]) -> None:
    """Stop the run if a critical expectation failed; the message lists all of them.

    Raises:
        DataError: one failed.
    """
    fatal = [verdict for verdict in verdicts if verdict.is_fatal]
    if not fatal:
        return
    lines = [f"  - {shown(verdict)}" for verdict in fatal[:MOST_SHOWN]]
    if len(fatal) > MOST_SHOWN:
        lines.append(f"  - and {len(fatal) - MOST_SHOWN} more")
    message = (
        f"{len(fatal)} critical expectations failed, so nothing was published:\n"
        + "\n".join(lines)
        + "\nLook at each in docs/runbooks/expectation-failed.md."
    )
    raise DataError(message)


def shown(verdict: Verdict) -> str:
    """Return a failed expectation in a line: where, what, how much, an example."""
    parts = [f"{verdict.expected.suite}: {verdict.expected.name}"]
    if verdict.observed:
        parts.append(f", {verdict.observed}")
    if verdict.examples:
        parts.append(f", e.g. {verdict.examples[0]}")
    if verdict.expected.description:
        parts.append(f". {verdict.expected.description}")
    return "".join(parts)


def _short(verdict: Verdict) -> str:
    return f"{verdict.expected.suite}: {verdict.expected.name}, {verdict.observed}"


def quality_summary(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return what the manifest and the summary say of the expectations."""
    failed = [verdict for verdict in verdicts if not verdict.passed]
    return {
        "expectations": len(verdicts),
        "passed": len(verdicts) - len(failed),
        "warnings": [_short(v) for v in failed if v.expected.severity == "warning"],
        "infos": [_short(v) for v in failed if v.expected.severity == "info"],
    }


def findings_text(found: Mapping[str, Any]) -> str:
    """Return what the checks found as a person reads it."""
    failed = [one for one in found["expectations"] if not one["passed"]]
    lines = [
        f"  {one['severity']}: {one['suite']}: {one['name']}, {one['observed']}"
        + (f", e.g. {one['examples'][0]}" if one["examples"] else "")
        for one in failed
    ]
    rows = found.get("rows") or found.get("feeds") or {}
    read = sum(counts["read"] for counts in rows.values())
    faulty = sum(counts["quarantined"] for counts in rows.values())
    passed = len(found["expectations"]) - len(failed)
    return "\n".join(
        [
            f"{read:,} rows read, {faulty:,} quarantined; {passed} of "
            f"{len(found['expectations'])} expectations hold.",
            *lines,
            *(f"  note: {notice}" for notice in found["notices"]),
        ]
    )
