"""What would make a rule on the customer pass, or why nothing can."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pipelines.explain.changes import Change
from pipelines.explain.cure import CUSTOMER, PROVIDER, Cure, Obstacle

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from pipelines.explain.pair import Pair


def _history(words: str) -> Callable[[Pair, Mapping[str, str]], Obstacle]:
    """Return the answer of a rule on what has happened, and cannot be undone."""

    def obstacle(_: Pair, result: Mapping[str, str]) -> Obstacle:
        text = f"{result['observed']}, where asked for is {result['required']}: {words}"
        return Obstacle(result["rule_id"], text)

    return obstacle


def _onboarded_by_partner(pair: Pair, result: Mapping[str, str]) -> Obstacle:
    words = "a customer begins once, and nobody can onboard it again"
    if result["verdict"] == "pending":
        words = "no rule says which of them it was, so a person has to find out"
    return _history(words)(pair, result)


def _smb_segment(pair: Pair, result: Mapping[str, str]) -> Cure:
    segment = pair.campaign.segment.upper()
    text = f"segment {segment} in the feed customers ({result['observed']} now)"
    if result["verdict"] == "fail":
        text = f"segment {segment}, if {result['observed']!r} is a mistake"
    change = Change(
        "customers",
        "set",
        pair.newest("customers"),
        key={"CustomerId": pair.customer_id},
        values={"Segment": segment},
    )
    return Cure(result["rule_id"], text, PROVIDER, None, (change,))


def _billed_seats(pair: Pair, result: Mapping[str, str]) -> Cure:
    short = pair.campaign.minimum_seats - pair.decision["billed_seats"]
    day = pair.dates.measured_on
    values = {
        "CustomerId": pair.customer_id,
        "ResellerMpnId": pair.partner_id or "",
        "SyndicationPartnerSubscriptionNumber": pair.subscription_id,
        "DurableOfferId": pair.durable_offer_id,
        "OfferName": pair.offer_name,
        "ChargeStartDate": str(day),
        "ChargeEndDate": str(pair.seats_due_on),
        "ChargeType": "Add quantity",
        "UnitPrice": str(pair.unit_price),
        "Quantity": str(short),
        "Amount": str(short * pair.unit_price),
    }
    change = Change("billing", "add", pair.dates.known_at, values)
    text = f"{short} more billed {_seats(short)} by {pair.seats_due_on}"
    return Cure(result["rule_id"], text, CUSTOMER, pair.seats_due_on, (change,))


def _assigned_seats(pair: Pair, result: Mapping[str, str]) -> Cure:
    known = pair.decision["assigned_seats"]
    short = pair.campaign.minimum_seats - (known or 0)
    values = {
        "SnapshotDate": str(pair.dates.measured_on),
        "CustomerTenantId": pair.customer_id,
        "SubscriptionId": pair.subscription_id,
        "MPNID": pair.partner_id or "",
        "AssignedSeats": str(short),
        "IsDuplicateRowForPGA": "0",
    }
    delivered_on = pair.snapshot_delivered_on or pair.dates.known_at
    change = Change("license_usage", "add", delivered_on, values)
    text = f"{short} more assigned {_seats(short)} by {pair.seats_due_on}"
    if known is None:
        text = f"a snapshot of {pair.dates.measured_on} with {short} assigned seats"
    return Cure(result["rule_id"], text, CUSTOMER, pair.seats_due_on, (change,))


def _seats(count: int) -> str:
    return "seat" if count == 1 else "seats"


def _complete_evidence(pair: Pair, result: Mapping[str, str]) -> Cure:
    files: dict[tuple[str, dt.date], list[tuple[str, int]]] = defaultdict(list)
    for feed, day, name, row in pair.faulty_rows:
        files[feed, day].append((name, row))
    changes = [
        Change(feed, "correct", day, rows=tuple(rows))
        for (feed, day), rows in sorted(files.items())
    ]
    count = len(pair.faulty_rows)
    what = "the row" if count == 1 else f"the {count} rows"
    text = (
        f"{what} in quarantine delivered again, sound, and taking no seats away "
        f"({result['evidence']})"
    )
    return Cure(result["rule_id"], text, PROVIDER, None, tuple(changes))


CURES: dict[str, Callable[[Pair, Mapping[str, str]], Cure | Obstacle]] = {
    "new_to_dynamics": _history("what was bought stays bought"),
    "onboarded_in_window": _history("a customer begins once"),
    "onboarded_by_partner": _onboarded_by_partner,
    "smb_segment": _smb_segment,
    "billed_seats": _billed_seats,
    "assigned_seats": _assigned_seats,
    "complete_evidence": _complete_evidence,
}
