"""What other terms would decide, for a person to read and for a program."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pipelines.whatif.whatif import totals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.whatif.whatif import Totals, WhatIf

MOST_SHOWN = 20
NO_PAYOUT = "This is not a payout: no money moves by it, and no run was made."


def whatif_summary(found: WhatIf) -> dict[str, Any]:
    """Return what ``whatif --json`` prints; money is text with two decimals."""
    before, after = totals(found.before), totals(found.after)
    return {
        "run_id": found.run.run_id,
        "is_payout": False,
        "changes": dict(found.changes),
        "before": _as_json(before),
        "after": _as_json(after),
        "difference": {
            "customers": after.qualified - before.qualified,
            "partners": after.partners - before.partners,
            "earned": str(after.earned - before.earned),
            "payable": str(after.payable - before.payable),
        },
        "changed": _changed(found),
    }


def whatif_text(summary: dict[str, Any]) -> str:
    """Return the summary as a person reads it."""
    settings = ", ".join(
        f"{key} = {value}" for key, value in summary["changes"].items()
    )
    changed = summary["changed"]
    lines = [
        f"run {summary['run_id']} with {settings}",
        "",
        f"  {'':<14}{'as it is':>16}{'then':>16}",
        *(
            f"  {name.replace('_', ' '):<14}{summary['before'][name]:>16}"
            f"{summary['after'][name]:>16}"
            for name in summary["before"]
        ),
        "",
        f"{len(changed)} partners and customers would be decided otherwise",
        *(
            f"  {one['partner_id'] or 'no reseller'}  {one['customer_id']}  "
            f"{_outcome(one, 'before')} -> {_outcome(one, 'after')}"
            for one in changed[:MOST_SHOWN]
        ),
    ]
    if len(changed) > MOST_SHOWN:
        lines.append(f"  and {len(changed) - MOST_SHOWN} more: --json lists all")
    return "\n".join([*lines, "", NO_PAYOUT])


def _outcome(changed: dict[str, Any], side: str) -> str:
    decision = (changed[side] or "no candidate").replace("_", " ")
    reward = changed[f"reward_{side}"]
    return f"{decision} {reward}" if changed[side] == "qualified" else decision


def readings_summary(
    run_id: str, found: Sequence[tuple[str, str, WhatIf]]
) -> dict[str, Any]:
    """Return what ``readings --json`` prints."""
    rows = []
    for key, reading, other in found:
        summary = whatif_summary(other)
        rows.append(
            {
                "setting": key,
                "reading": reading,
                **{name: summary[name] for name in ("after", "difference", "changed")},
            }
        )
    before = totals(found[0][2].before) if found else None
    return {
        "run_id": run_id,
        "is_payout": False,
        "used": _as_json(before) if before else None,
        "readings": rows,
    }


def readings_text(summary: dict[str, Any]) -> str:
    """Return the summary as a person reads it."""
    if not summary["readings"]:
        return "the terms of this run have no other reading."
    used = summary["used"]
    lines = [
        f"run {summary['run_id']} as it is read: {used['qualified']} customers "
        f"of {used['partners']} partners, {used['earned']} earned, "
        f"{used['payable']} payable",
        "",
        f"  {'each other reading, alone':<52}{'customers':>10}{'partners':>10}"
        f"{'earned':>16}"
        f"{'payable':>16}{'changed':>9}",
    ]
    for one in summary["readings"]:
        difference = one["difference"]
        name = f"{one['setting']} = {one['reading']}"
        lines.append(
            f"  {name:<52}{difference['customers']:>+10}{difference['partners']:>+10}"
            f"{_signed(difference['earned'])}"
            f"{_signed(difference['payable'])}{len(one['changed']):>9}"
        )
    return "\n".join([*lines, "", NO_PAYOUT])


def _signed(amount: str) -> str:
    shown = amount if amount.startswith("-") else f"+{amount}"
    return f"{shown:>16}"


def _as_json(found: Totals) -> dict[str, Any]:
    values = asdict(found)
    return values | {name: str(values[name]) for name in ("earned", "payable")}


def _changed(found: WhatIf) -> list[dict[str, Any]]:
    rows = []
    for pair in found.changed_pairs:
        before, after = found.before.customer(pair), found.after.customer(pair)
        rows.append(
            {
                "partner_id": pair[0],
                "customer_id": pair[1],
                "before": before.decision,
                "after": after.decision,
                "reward_before": str(before.reward),
                "reward_after": str(after.reward),
            }
        )
    return rows
