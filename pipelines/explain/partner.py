"""All customers of one partner, each with the first rule that it misses."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pipelines import engine
from pipelines.explain.ids import partner_of
from pipelines.explain.published import Published, published_run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.explain.screen import Screen


def explain_partner(home: Path, run: str | None, partner: str | None) -> dict[str, Any]:
    """Return a partner's payout and its customers; none, if it has no candidate.

    Raises:
        UsageError: there is no such run.
        DifferenceError: the run has changed.
    """
    found = published_run(home, run)
    partner_id = partner_of(partner)
    with TemporaryDirectory() as work, engine.opened(Path(work)) as con:
        published = Published(found, con)
        return {
            "run_id": found.run_id,
            "campaign_id": found.manifest["campaign_id"],
            "measured_on": found.manifest["measured_on"],
            "known_at": found.manifest["known_at"],
            "pay_by": found.manifest["pay_by"],
            "currency": found.manifest["terms"]["reward"]["currency"]["value"],
            "partner_id": partner_id,
            "payout": published.payout(partner_id),
            "customers": published.customers(partner_id),
        }


def partner_text(found: Mapping[str, Any], screen: Screen) -> str:
    """Return the partner and its customers as a person reads them."""
    whose = f"partner {found['partner_id']}" if found["partner_id"] else "no reseller"
    payout = found["payout"] or {}
    name = f" ({payout['partner_name']})" if payout.get("partner_name") else ""
    lines = [screen.strong(f"{whose}{name}")]
    if payout:
        lines += screen.labelled(
            "payout",
            [
                f"{payout['status']}: {payout['earned_amount']} {found['currency']} "
                f"earned, {payout['payable_amount']} payable by {found['pay_by']}",
                *(f"missing {name}: {cure}" for name, cure in payout["cures"].items()),
            ],
        )
    if not found["customers"]:
        lines += screen.wrapped(
            "no customer of it had campaign seats in the campaign's days by "
            f"{found['measured_on']}: it has no candidate in run {found['run_id']}"
        )
    for row in found["customers"]:
        decision = screen.coloured(f"{row['decision']:<14}", row["decision"])
        lines.append(f"  {decision}{row['customer_id']}")
        if row["rule_id"]:
            lines += screen.wrapped(
                f"{row['rule_id']} ({row['clause']}): seen {row['observed']}; asked "
                f"for {row['required']}",
                16,
            )
    return "\n".join(lines)
