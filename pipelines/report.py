"""The run as one self-contained page: no network, no clock, no secrets."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipelines import dictionary
from pipelines.banking_days import days_left
from pipelines.charts import histogram, share_of
from pipelines.explain.short_way import short_way
from pipelines.files import canonical_json
from pipelines.pages import page, page_part
from pipelines.paths import SQL_DIR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
# How a status or a decision looks.
KINDS = {
    "qualified": "good",
    "payable": "good",
    "pending": "wait",
    "held": "wait",
    "not_qualified": "bad",
    "forfeited": "bad",
    "nil": "soft",
}
# How each hold of the programme is cured, and by whom.
CURES = {
    "account_verified": "the partner verifies its account in Partner Center",
    "terms_accepted": "the partner accepts the terms of the incentive",
    "payment_profile": "the partner completes its payment profile",
    "tax_profile": "the partner completes its tax profile",
    "bank_account": "the partner gives an account that can be paid to: beneficiary, "
    "town, country, and an IBAN or account number that checks",
}


def customer_rows(found: Mapping[str, Any], minimum_seats: int) -> str:
    """Return the rows of the customers' table of the page.

    What was *found* in the tables of a run, ``report_queries.answered`` tells.
    """
    for candidate in found["customers"]:
        candidate["way"] = short_way(candidate, minimum_seats)
    return page_part("customers.html.j2", customers=found["customers"], kinds=KINDS)


def report_html(
    found: Mapping[str, Any],
    customers: str,
    manifest: Mapping[str, Any],
    quality: Mapping[str, Any],
    today: dt.date,
) -> str:
    """Return the page of a run, as it reads on a given day.

    What was *found* in its tables, ``report_queries.answered`` tells; the rows of its
    *customers* come from ``customer_rows``.
    """
    # As they are read back from their files: a page of today, or of years ago.
    manifest = json.loads(canonical_json(manifest))
    quality = json.loads(canonical_json(quality))
    terms = manifest["terms"]
    clauses = {rule["id"]: rule["clause"] for rule in terms["rules"]}
    minimum_seats = int(terms["seats"]["minimum"]["value"])
    reward = Decimal(str(terms["reward"]["amount_per_customer"]["value"]))
    return page(
        "report.html.j2",
        run=manifest,
        terms=terms,
        currency=terms["reward"]["currency"]["value"],
        reward=reward,
        quality=quality,
        today=today,
        days_left=days_left(today, dt.date.fromisoformat(manifest["pay_by"])),
        totals=_totals(manifest, found["partners"]),
        steps=_waterfall(manifest, found, reward, clauses),
        rules=[_rule(row, clauses) for row in found["rules"]],
        charts=_charts(found["seats"], minimum_seats),
        hold_clauses={hold["reason"]: hold["clause"] for hold in terms["holds"]},
        cures=CURES,
        found=found,
        customers=customers,
        kinds=KINDS,
        values=list(_values(terms)),
        dictionary=dictionary.tables(),
    )


def _totals(
    manifest: Mapping[str, Any], partners: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the figures that stand at the top."""
    decisions = manifest["control_totals"]["customer_decisions"]
    figures: dict[str, Any] = {
        name: int(decisions[name])
        for name in ("rows", "qualified", "pending", "not_qualified")
    }
    for status in ("payable", "held", "forfeited"):
        mine = [row for row in partners if row["status"] == status]
        figures[status] = {
            "amount": sum((row["earned_amount"] for row in mine), Decimal("0.00")),
            "customers": sum(row["qualified_customers"] for row in mine),
            "partners": len(mine),
        }
    figures["earned"] = Decimal(manifest["control_totals"]["partner_payouts"]["earned"])
    return figures


def _waterfall(
    manifest: Mapping[str, Any],
    found: Mapping[str, Sequence[Mapping[str, Any]]],
    reward: Decimal,
    clauses: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Return the way from candidates to payable: what is left, and what each takes."""
    totals = _totals(manifest, found["partners"])
    whole = left = totals["rows"]
    steps = [_step("candidates", "total", whole, 0, whole, reward)]
    taken = [(row["rule_id"], row["customers"]) for row in found["first_failures"]]
    for name, customers in taken:
        left -= customers
        step = _step(name, "fails", customers, left, whole, reward)
        steps.append(step | {"clause": clauses.get(name, "-")})
    left -= totals["pending"]
    steps += [
        _step("pending", "waits", totals["pending"], left, whole, reward),
        _step("qualified", "total", totals["qualified"], 0, whole, reward),
    ]
    left = totals["qualified"]
    for name, kind in (("held", "waits"), ("forfeited", "fails")):
        customers = totals[name]["customers"]
        left -= customers
        steps.append(_step(name, kind, customers, left, whole, reward))
    steps.append(
        _step("payable", "paid", totals["payable"]["customers"], 0, whole, reward)
    )
    return steps


def _step(  # noqa: PLR0913, PLR0917 - a bar has two ends, a scale and its words
    name: str, kind: str, customers: int, left: int, whole: int, reward: Decimal
) -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind,
        "clause": "",
        "customers": customers,
        "amount": customers * reward,
        "x": share_of(left, whole) if left else 0,
        "width": share_of(customers, whole),
    }


def _rule(row: Mapping[str, Any], clauses: Mapping[str, str]) -> dict[str, Any]:
    name = row["rule_id"]
    return {**row, "clause": clauses[name], "meaning": _meaning(name)}


def _meaning(rule: str) -> str:
    """Return what a rule asks for, in the first words of its SQL."""
    try:
        with (SQL_DIR / "rules" / f"{rule}.sql").open(encoding="utf-8") as lines:
            first = next(lines)
    except (OSError, StopIteration):
        return ""  # a rule that this version does not know any more
    words = first.removeprefix("--").strip()
    asks = words.partition(": ")[2] if words[1:2].isdigit() else words
    return (asks[:1].lower() + asks[1:]).rstrip(".")


def _charts(
    seats: Sequence[Mapping[str, Any]], threshold: int
) -> list[tuple[str, Any]]:
    return [
        (
            kind,
            histogram(
                [
                    (row["seats"], row["customers"])
                    for row in seats
                    if row["kind"] == kind
                ],
                threshold,
            ),
        )
        for kind in ("billed", "assigned")
    ]


def _values(terms: Any, path: str = "") -> Any:
    """Yield every term that has a value: its place, its value, its clause."""
    for key, term in terms.items():
        place = f"{path}{key}"
        if isinstance(term, dict) and "value" in term:
            value = term["value"]
            text = ", ".join(map(str, value)) if isinstance(value, list) else value
            yield place, str(text), term.get("clause", "-"), term.get("note") or ""
        elif isinstance(term, dict):
            yield from _values(term, f"{place}.")
