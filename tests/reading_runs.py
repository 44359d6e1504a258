"""A published run in the words of the independent reading, to compare the two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipelines.run import PublishedRun

TIMELINE = ("customer_id", "subscription_id", "partner_id", "from_date", "to_date")
DECISION = (
    "decision",
    "onboarded_on",
    "billed_seats",
    "assigned_seats",
    "failed_rules",
    "pending_rules",
    "reward_amount",
)
PAYOUT = (
    "partner_name",
    "qualified_customers",
    "pending_customers",
    "earned_amount",
    "status",
    "hold_reasons",
    "payable_amount",
)


def as_reference(run: PublishedRun) -> dict[str, Any]:
    """Return every part of a run that the independent reading also has."""
    home = run.path.parents[3]
    return {
        "final": run.manifest["is_final"],
        "decisions": {
            (row["partner_id"], row["customer_id"]): {key: row[key] for key in DECISION}
            for row in _rows(run.path / "customer_decisions.parquet")
        },
        "verdicts": _of_rules(run.path, lambda row: row["verdict"]),
        "words": _of_rules(run.path, lambda row: (row["observed"], row["required"])),
        "seat_timeline": _timeline(run.path / "seat_timeline.parquet"),
        "purchase_timeline": _timeline(run.path / "purchase_timeline.parquet"),
        "payouts": {
            row["partner_id"]: {key: row[key] for key in PAYOUT}
            for row in _rows(run.path / "partner_payouts.parquet")
        },
        "quarantine": _quarantine(home, run.manifest),
        "rows": run.manifest["rows"],
    }


def _rows(path: Path) -> list[dict[str, Any]]:
    return pq.ParquetFile(path).read().to_pylist()


def _of_rules(folder: Path, what: Callable[[dict[str, Any]], Any]) -> dict[Any, Any]:
    found: dict[Any, dict[str, Any]] = {}
    for row in _rows(folder / "rule_results.parquet"):
        pair = (row["partner_id"], row["customer_id"])
        found.setdefault(pair, {})[row["rule_id"]] = what(row)
    return found


def _timeline(path: Path) -> set[tuple[Any, ...]]:
    return {tuple(row[key] for key in (*TIMELINE, "seats")) for row in _rows(path)}


def _quarantine(home: Path, manifest: dict[str, Any]) -> dict[Any, Any]:
    found = {}
    for item in manifest["inputs"]:
        place = f"{item['feed']}/delivery={item['delivery']}/{item['file']}.parquet"
        for row in _rows(home / "quarantine" / place):
            key = (item["feed"], item["delivery"], item["file"], row["source_row"])
            found[key] = (row["customer_id"], row["reasons"])
    return found
