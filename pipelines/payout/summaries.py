"""The steps of a payout in a few lines for a person, or as JSON for a program."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pipelines.money import shown
from pipelines.payout.batches import batch_folder

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.payout.approve import Approved
    from pipelines.payout.import_status import Imported
    from pipelines.payout.prepare import Prepared
    from pipelines.payout.release import Released
    from pipelines.payout.states import Listing
    from pipelines.payout.withdraw import Withdrawn

Summary = dict[str, Any]


def prepared_summary(home: Path, prepared: Prepared, *, dry_run: bool) -> Summary:
    """Return what ``payout prepare --json`` prints; money is text."""
    batch, run = prepared.batch, prepared.run
    order = batch.order if batch else None
    folder = batch_folder(home, run.campaign_id, order.batch_id) if order else None
    return {
        "batch_id": order.batch_id if order else None,
        "path": str(folder) if folder else None,
        "payments": len(order.payments) if order else 0,
        "total": shown(order.total_cents if order else 0),
        "currency": run.currency,
        "execution_date": str(order.execution_date) if order else None,
        "pay_by": str(run.pay_by),
        "sha256": batch.files.payment_file_sha256 if batch else None,
        "run_id": run.run_id,
        "held": [
            {
                "partner_id": plan.partner_id,
                "amount": shown(plan.held_cents),
                "reasons": list(plan.hold_reasons),
            }
            for plan in prepared.held
        ],
        "overpaid": [
            {"partner_id": partner_id, "amount": shown(cents)}
            for partner_id, cents in prepared.overpaid.items()
        ],
        "is_new": prepared.is_new and order is not None,
        "is_dry_run": dry_run,
    }


def prepared_text(summary: Summary) -> str:
    """Return the summary as a person reads it."""
    held = [
        f"  held: {item['amount']} of partner {item['partner_id']}: "
        f"{', '.join(item['reasons'])}"
        for item in summary["held"]
    ]
    overpaid = [
        f"  overpaid: {item['amount']} to partner {item['partner_id']}, netted from "
        "what it earns later"
        for item in summary["overpaid"]
    ]
    if summary["batch_id"] is None:
        first = f"run {summary['run_id']}: nothing is owed that was not instructed."
        return "\n".join([first, *held, *overpaid])
    seen = "prepared" if summary["is_new"] else "prepared before, its files restored"
    seen = "rehearsed, nothing recorded" if summary["is_dry_run"] else seen
    lines = [
        f"batch {summary['batch_id']} {seen}: {_payments(summary)}, "
        f"{summary['total']} {summary['currency']}, on {summary['execution_date']} "
        f"(by {summary['pay_by']})",
        *held,
        *overpaid,
        f"  SHA-256 of the payment file: {summary['sha256']}",
    ]
    if not summary["is_dry_run"]:
        lines.append(f"  {summary['path']}")
        lines.append("Next: another person looks at payout.csv and approves it.")
    return "\n".join(lines)


def approved_summary(approved: Approved) -> Summary:
    """Return what ``payout approve --json`` prints."""
    row = approved.batch.row
    return {
        "batch_id": approved.batch.batch_id,
        "path": str(approved.path),
        "approved_by": approved.approved_by,
        "sha256": row["file_sha256"],
        "payments": row["payments"],
        "total": shown(row["amount_cents"]),
        "currency": row["currency"],
        "is_new": approved.is_new,
    }


def approved_text(summary: Summary) -> str:
    """Return the summary as a person reads it."""
    seen = "approved" if summary["is_new"] else "was approved before"
    return (
        f"batch {summary['batch_id']} {seen} by {summary['approved_by']}: "
        f"{_payments(summary)}, {summary['total']} {summary['currency']}\n"
        f"  SHA-256 of the payment file: {summary['sha256']}\n"
        f"  {summary['path']}"
    )


def released_summary(released: Released, *, dry_run: bool) -> Summary:
    """Return what ``payout release --json`` prints."""
    row = released.batch.row
    return {
        "batch_id": released.batch.batch_id,
        "to": released.destination,
        "released_by": released.released_by,
        "payments": row["payments"],
        "total": shown(row["amount_cents"]),
        "currency": row["currency"],
        "paid_on": str(released.paid_on),
        "sha256": row["file_sha256"],
        "is_new": released.is_new,
        "is_dry_run": dry_run,
    }


def released_text(summary: Summary) -> str:
    """Return the summary as a person reads it."""
    seen = "released" if summary["is_new"] else "was released before, nothing was sent"
    seen = "rehearsed, nothing was sent" if summary["is_dry_run"] else seen
    return (
        f"batch {summary['batch_id']} {seen}: {_payments(summary)}, "
        f"{summary['total']} {summary['currency']}, to be paid on "
        f"{summary['paid_on']}\n  {summary['to']}"
    )


def withdrawn_summary(withdrawn: Withdrawn) -> Summary:
    """Return what ``payout withdraw --json`` prints."""
    return {
        "batch_id": withdrawn.batch.batch_id,
        "payments": withdrawn.payments,
        "is_new": withdrawn.payments > 0,
    }


def withdrawn_text(summary: Summary) -> str:
    """Return the summary as a person reads it."""
    if not summary["is_new"]:
        return f"batch {summary['batch_id']} was withdrawn before, nothing changed."
    return f"batch {summary['batch_id']} withdrawn: {_payments(summary)}, owed again."


def imported_summary(imported: Imported) -> Summary:
    """Return what ``payout import-status --json`` prints."""
    return {
        "files": imported.files,
        "new_files": imported.new_files,
        "recorded": [
            {"end_to_end_id": end_to_end_id, "state": state}
            for end_to_end_id, state in imported.recorded
        ],
        "unchanged": imported.unchanged,
        "held": [asdict(held) for held in imported.held],
    }


def imported_text(summary: Summary) -> str:
    """Return the summary as a person reads it."""
    lines = [
        f"{summary['files']} files, {summary['new_files']} of them new: "
        f"{len(summary['recorded'])} answers recorded, {summary['unchanged']} said "
        f"nothing new, {len(summary['held'])} held",
        *(f"  {one['end_to_end_id']}: {one['state']}" for one in summary["recorded"]),
        *(
            f"  held, not acted on: {one['file']}, payment {one['end_to_end_id']}, "
            f"{one['status']}: {one['why']}"
            for one in summary["held"]
        ),
    ]
    return "\n".join(lines)


def _payments(summary: Summary) -> str:
    count = summary["payments"]
    return "1 payment" if count == 1 else f"{count:,} payments"


def listing_summary(listing: Listing) -> Summary:
    """Return what ``payout list --json`` prints."""
    return asdict(listing)


def listing_text(summary: Summary) -> str:
    """Return the summary as a person reads it."""
    if not summary["batches"]:
        return "no batch was prepared yet."
    lines = []
    for batch in summary["batches"]:
        lines.append(
            f"{batch['batch_id']}  {batch['state']}  {_payments(batch)}  "
            f"{batch['total']} {batch['currency']}  pay by {batch['pay_by']} "
            f"({batch['days_left']} days left)"
        )
        if batch["is_sent"] is False:
            lines.append("  its release broke off: release it again to go on")
        lines += [
            f"  {one['end_to_end_id']}  {one['partner_id']}  {one['amount']}  "
            f"{one['state']}" + (f"  {one['reason']}" if one["reason"] else "")
            for one in summary["payments"]
            if one["batch_id"] == batch["batch_id"]
        ]
    return "\n".join(lines)
