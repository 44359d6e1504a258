"""A run in a few lines for a person, or as JSON for a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.run import PublishedRun


def run_summary(run: PublishedRun) -> dict[str, Any]:
    """Return what ``cashback run --json`` prints; money is text with two decimals."""
    manifest = run.manifest
    decisions = manifest["control_totals"]["customer_decisions"]
    payouts = manifest["control_totals"]["partner_payouts"]
    return {
        "run_id": manifest["run_id"],
        "path": str(run.path),
        "campaign_id": manifest["campaign_id"],
        "as_of": manifest["as_of"],
        "measured_on": manifest["measured_on"],
        "known_at": manifest["known_at"],
        "is_final": manifest["is_final"],
        "candidates": int(decisions["rows"]),
        "qualified": int(decisions["qualified"]),
        "pending": int(decisions["pending"]),
        "not_qualified": int(decisions["not_qualified"]),
        "earned": payouts["earned"],
        "payable": payouts["payable"],
        "currency": manifest["terms"]["reward"]["currency"]["value"],
        "pay_by": manifest["pay_by"],
        "rows": manifest["rows"],
        "quality": manifest["quality"],
        "notices": [*manifest["notices"], *run.notices],
        "is_new": run.is_new,
    }


def summary_text(summary: dict[str, Any]) -> str:
    """Return the summary as a person reads it."""
    state = "final" if summary["is_final"] else "open, nothing is lost yet"
    seen = "published" if summary["is_new"] else "already published, nothing changed"
    read = sum(counts["read"] for counts in summary["rows"].values())
    faulty = sum(counts["quarantined"] for counts in summary["rows"].values())
    checks = summary["quality"]
    lines = [
        f"{summary['campaign_id']}: seats on {summary['measured_on']}, known on "
        f"{summary['known_at']} ({state})",
        "",
        f"  rows         {read:>9,} read, {faulty:,} quarantined",
        f"  checks       {checks['passed']:>9,} of {checks['expectations']} hold",
        f"  candidates   {summary['candidates']:>9,}",
        f"    qualified      {summary['qualified']:>7,}",
        f"    pending        {summary['pending']:>7,}",
        f"    not qualified  {summary['not_qualified']:>7,}",
        f"  earned       {_money(summary['earned']):>12} {summary['currency']}",
        f"  payable      {_money(summary['payable']):>12} {summary['currency']}, "
        f"by {summary['pay_by']}",
        "",
        *(f"  warning: {warning}" for warning in checks["warnings"]),
        *(f"  note: {notice}" for notice in summary["notices"]),
        f"run {summary['run_id']} {seen}",
        f"  {summary['path']}",
    ]
    return "\n".join(lines)


def _money(text: str) -> str:
    whole, _, cents = text.partition(".")
    return f"{int(whole):,}.{cents}"
