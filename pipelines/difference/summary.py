"""What ``cashback diff`` says, for a person and for a program."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pipelines.difference.changed_rows import ChangedRows
from pipelines.difference.parts import customer_changes, partner_changes, totals

if TYPE_CHECKING:
    from decimal import Decimal

    from pipelines.difference.causes import Cause
    from pipelines.difference.difference import RunDifference
    from pipelines.difference.parts import CustomerChange, PartnerChange

# A person reads the first ones; a program takes --json, which has all.
MOST_SHOWN = 50
MOST_ROWS = 5
IN_WORDS = {
    "late_or_restated_data": "late or restated",
    "master_data": "master data",
    "terms": "terms",
    "dates": "dates",
    "code": "code",
}


def difference_summary(found: RunDifference) -> dict[str, Any]:
    """Return what ``cashback diff --json`` prints; money is text with two decimals."""
    before, after = found.before, found.after
    return {
        "run_a": found.before_run.run_id,
        "run_b": found.after_run.run_id,
        "currency": found.after_run.manifest["terms"]["reward"]["currency"]["value"],
        "earned": _change(before.earned, after.earned),
        "payable": _change(before.payable, after.payable),
        "causes": [
            {
                **_cause(total.cause),
                "what": total.cause.what,
                "customers": total.customers,
                "earned": str(total.earned),
                "payable": str(total.payable),
                "rows": {
                    side: asdict(rows)
                    for side, rows in found.feed_rows.get(
                        total.cause.feed or "", {}
                    ).items()
                },
            }
            for total in totals(found)
        ],
        "partners": [
            {**_partner(change), "rows": _rows(found, change.partner_id)}
            for change in partner_changes(found)
        ],
        "customers": [
            {**_customer(change), "rows": _rows(found, change.customer_id)}
            for change in customer_changes(found)
        ],
    }


def _rows(found: RunDifference, one: str) -> dict[str, list[str]]:
    """Return the rows that one of the runs alone read of a customer or partner."""
    rows = found.rows.get(one, ChangedRows())
    return {"a": rows.a, "b": rows.b}


def _change(before: Decimal, after: Decimal) -> dict[str, str]:
    return {"a": str(before), "b": str(after), "change": str(after - before)}


def _cause(cause: Cause) -> dict[str, str | None]:
    return {"cause": cause.kind, "feed": cause.feed}


def _partner(change: PartnerChange) -> dict[str, Any]:
    before, after = change.before, change.after
    return {
        "partner_id": change.partner_id,
        "earned": _change(before.earned, after.earned),
        "payable": _change(before.payable, after.payable),
        "status": {"a": before.status, "b": after.status},
        "hold_reasons": {"a": list(before.hold_reasons), "b": list(after.hold_reasons)},
        "parts": [
            {
                **_cause(part.cause),
                "earned": str(part.earned),
                "payable": str(part.payable),
            }
            for part in change.parts
        ],
    }


def _customer(change: CustomerChange) -> dict[str, Any]:
    before, after = change.before, change.after
    seen = {
        name: {"a": getattr(before, name), "b": getattr(after, name)}
        for name in ("decision", "billed_seats", "assigned_seats")
    }
    rules = {
        name: {"a": list(getattr(before, name)), "b": list(getattr(after, name))}
        for name in ("failed_rules", "pending_rules")
    }
    return {
        "partner_id": change.partner_id,
        "customer_id": change.customer_id,
        **seen,
        "reward": _change(before.reward, after.reward),
        **rules,
        "parts": [
            {
                **_cause(part.cause),
                "reward": str(part.reward),
                "decision": part.decision,
            }
            for part in change.parts
        ],
    }


def difference_text(found: RunDifference) -> str:
    """Return the difference as a person reads it."""
    a, b = found.before_run, found.after_run
    lines = [f"A  {a.run_id}  {_dated(a)}", f"B  {b.run_id}  {_dated(b)}", ""]
    customers, partners = customer_changes(found), partner_changes(found)
    if not customers and not partners:
        return "\n".join([*lines, *_causes(found), "nothing changed for anybody."])
    lines += [
        *_causes(found),
        f"{len(customers):,} customers and {len(partners):,} partners changed",
    ]
    for partner in partners[:MOST_SHOWN]:
        lines += [*_partner_lines(partner), *_row_lines(found, partner.partner_id)]
    lines += _more(len(partners), "partners")
    for customer in customers[:MOST_SHOWN]:
        lines += [*_customer_lines(customer), *_row_lines(found, customer.customer_id)]
    lines += _more(len(customers), "customers")
    return "\n".join(lines)


def _dated(run: Any) -> str:
    return f"as of {run.as_of}, known at {run.known_at}"


def _causes(found: RunDifference) -> list[str]:
    """Return the table of causes, which adds up to its last line."""
    earned = found.after.earned - found.before.earned
    payable = found.after.payable - found.before.payable
    lines = [f"  {'cause':<50} {'customers':>9} {'earned':>16} {'payable':>16}"]
    for total in totals(found):
        lines.append(
            f"  {_words(total.cause):<50} {total.customers:>9,} "
            f"{_signed(total.earned):>16} {_signed(total.payable):>16}"
        )
        of_feed = found.feed_rows.get(total.cause.feed or "", {})
        for side, rows in of_feed.items():
            lines += _places(side, rows.first, rows.count)
    lines.append(
        f"  {'in all':<50} {'':>9} {_signed(earned):>16} {_signed(payable):>16}"
    )
    return [*lines, ""]


def _words(cause: Cause) -> str:
    named = f"{IN_WORDS[cause.kind]}: {cause.feed}" if cause.feed else cause.kind
    return f"{named} ({cause.what})" if cause.what else named


def _partner_lines(change: PartnerChange) -> list[str]:
    before, after = change.before, change.after
    return [
        "",
        f"partner {change.partner_id}: earned {before.earned:,} -> {after.earned:,}, "
        f"payable {before.payable:,} -> {after.payable:,}, "
        f"{before.status or 'no candidate'} -> {after.status or 'no candidate'}",
        *(
            f"    {part.cause.name}: earned {_signed(part.earned)}, payable "
            f"{_signed(part.payable)}"
            for part in change.parts
        ),
    ]


def _customer_lines(change: CustomerChange) -> list[str]:
    before, after = change.before, change.after
    return [
        "",
        f"customer {change.customer_id} of {change.partner_id or 'no partner'}: "
        f"{before.decision or 'no candidate'} -> {after.decision or 'no candidate'}, "
        f"reward {before.reward:,} -> {after.reward:,}, "
        f"billed {_seats(before.billed_seats)} -> {_seats(after.billed_seats)}, "
        f"assigned {_seats(before.assigned_seats)} -> {_seats(after.assigned_seats)}",
        *(
            f"    {part.cause.name}: {_signed(part.reward)}, then "
            f"{part.decision or 'no candidate'}"
            for part in change.parts
        ),
    ]


def _row_lines(found: RunDifference, one: str) -> list[str]:
    lines = []
    for side, places in _rows(found, one).items():
        lines += _places(side, places, len(places))
    return lines


def _places(side: str, places: list[str], count: int) -> list[str]:
    """Return a line with the first places of rows, if there are any."""
    if not places:
        return []
    more = count - len(places[:MOST_ROWS])
    rest = f" and {more:,} more" if more > 0 else ""
    listed = ", ".join(places[:MOST_ROWS])
    return [f"    rows of {side.upper()} alone: {listed}{rest}"]


def _seats(seats: int | None) -> str:
    return "-" if seats is None else f"{seats:,}"


def _signed(amount: Decimal) -> str:
    return f"{amount:+,.2f}" if amount else "0.00"


def _more(count: int, what: str) -> list[str]:
    left = count - MOST_SHOWN
    return ["", f"and {left:,} more {what}: see --json"] if left > 0 else []
