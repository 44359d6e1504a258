"""The answer on a customer as a person reads it in a terminal."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from pipelines.explain.delivered_rows import DeliveredRow, Place
from pipelines.explain.seat_chart import SeatChart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipelines.explain.screen import Screen

MOST_ROWS = 40
# What decides, of the columns of each feed; all others are in --json.
SHOWN = {
    "billing": "ResellerMpnId ChargeStartDate ChargeEndDate ChargeType Quantity Amount "
    "OfferName",
    "license_usage": "SnapshotDate SubscriptionId AssignedSeats IsDuplicateRowForPGA",
    "customers": "TopParentId Segment Country",
    "partners": "MpnId MpnActiveFrom MpnActiveTo ResellerAgreementSignedOn "
    "CspIncentiveEnrolledOn NonCompliantFrom NonCompliantTo",
    "competencies": "MpnId Competency Level Status ActiveFrom ActiveTo",
    "proofs": "MpnId SubmittedOn Status",
}


def customer_text(found: Mapping[str, Any], screen: Screen) -> str:
    """Return the whole answer: each pair, then the seats and the rows behind it."""
    name = f" ({found['customer_name']})" if found["customer_name"] else ""
    state = "final" if found["is_final"] else "open"
    lines = [
        *screen.wrapped(f"customer {found['customer_id']}{name}", 0),
        *screen.wrapped(
            f"run {found['run_id']}: seats on {found['measured_on']}, known on "
            f"{found['known_at']} ({state})",
            0,
        ),
    ]
    if found["tenants"]:
        lines += screen.wrapped(f"with its tenants {', '.join(found['tenants'])}", 0, 2)
    for pair in (found, *found["others"]):
        lines += ["", *_pair(found, pair, screen)]
    lines += ["", *_seats(found, screen), *_rows(found, screen)]
    return "\n".join(lines)


def _pair(run: Mapping[str, Any], pair: Mapping[str, Any], screen: Screen) -> list[str]:
    payout = pair["payout"] or {}
    whose = f"partner {pair['partner_id']}" if pair["partner_id"] else "no reseller"
    if "absence" in pair and not pair["partner_id"]:
        whose = "of no partner"
    name = f" ({payout['partner_name']})" if payout.get("partner_name") else ""
    decision = pair["decision"].replace("_", " ")
    lines = [screen.strong(line) for line in screen.wrapped(f"{whose}{name}", 0, 2)]
    lines.append(
        f"  {screen.coloured(decision, pair['decision'])}, "
        f"{_money(pair['reward_amount'])} {run['currency']}"
    )
    if "absence" in pair:
        return lines + screen.labelled("because", [pair["absence"]["text"]])
    lines += _payment(run, pair, screen)
    lines += _way(run, pair["nearest"], screen)
    return [*lines, "", *_rules(pair["rules"], screen)]


def _payment(
    run: Mapping[str, Any], pair: Mapping[str, Any], screen: Screen
) -> list[str]:
    payout = pair["payout"]
    if run["payments"] is None:
        return screen.labelled("payment", ["the ledger cannot be asked now"])
    ordered = [
        f"{payment['state']}: {_money(payment['amount'])} {run['currency']} in batch "
        f"{payment['batch_id']}"
        for payment in run["payments"]
        if payment["partner_id"] == pair["partner_id"]
    ]
    if ordered or pair["decision"] != "qualified" or payout is None:
        return screen.labelled("payment", ordered)
    text = f"its partner is {payout['status']}"
    if payout["status"] == "payable":
        text += f": to be paid by {run['pay_by']}, and no payment is ordered yet"
    cures = [f"missing {name}: {cure}" for name, cure in payout["cures"].items()]
    return screen.labelled("payment", [text, *cures])


def _way(
    run: Mapping[str, Any], nearest: Mapping[str, Any] | None, screen: Screen
) -> list[str]:
    if nearest is None:
        return []
    if not nearest["is_possible"]:
        return screen.labelled("nearest way", [nearest["summary"]])
    texts = [nearest["summary"]]
    if len(nearest["steps"]) > 1:
        amount = f"{_money(nearest['amount'])} {nearest['currency']}"
        texts = [f"- {step['text']}" for step in nearest["steps"]]
        texts.append(f"all of it together: {amount}")
    texts.append("proved: decided again with this alone changed, it qualifies")
    passed = sorted(
        {s["by"] for s in nearest["steps"] if s["by"] and s["by"] < run["known_at"]}
    )
    if passed:
        texts.append(
            f"{passed[-1]} has passed: only a corrected extract can still show it"
        )
    return screen.labelled("nearest way", texts)


def _rules(rules: Sequence[Mapping[str, str]], screen: Screen) -> list[str]:
    lines = []
    for rule in rules:
        verdict = screen.coloured(f"{rule['verdict']:<8}", rule["verdict"])
        lines.append(f"  {verdict}{rule['rule_id']} ({rule['clause']})")
        lines += screen.wrapped(
            f"seen: {rule['observed']}; asked for: {rule['required']}", 10
        )
        if rule["verdict"] != "pass" and rule["evidence"]:
            lines += screen.wrapped(f"rows: {_cut(rule['evidence'])}", 10)
    return lines


def _cut(evidence: str, most: int = 3) -> str:
    places = evidence.split("; ")
    more = f"; and {len(places) - most} more" if len(places) > most else ""
    return "; ".join(places[:most]) + more


def _seats(found: Mapping[str, Any], screen: Screen) -> list[str]:
    if not found["seats"]:
        return []
    measured_on = dt.date.fromisoformat(found["measured_on"])
    partners = {pair["partner_id"] for pair in (found, *found["others"])}
    everybody = len({row["partner_id"] for row in found["seats"]}) > 1
    mine = [
        row
        for row in found["seats"]
        if row["partner_id"] == found["partner_id"] or "absence" in found
    ]
    chart = SeatChart(
        [(_day(row["from_date"]), _day(row["to_date"]), row["seats"]) for row in mine],
        found["minimum_seats"],
        _day(found["first_day"]),
        measured_on,
    )
    whose = "of this partner" if everybody and partners else "billed"
    title = (
        f"seats {whose}: {chart.seats_on(measured_on)} on {measured_on}, "
        f"{found['minimum_seats']} needed"
    )
    drawn = chart.lines(screen.width, screen.signs)
    if drawn:
        title += f" (a column is about {chart.days_in_a_column(screen.width)} days)"
    heading = [screen.strong(line) for line in screen.wrapped(title, 0)]
    lines = [*heading, *drawn, ""]
    for row in found["seats"]:
        whose = f" (partner {row['partner_id'] or '-'})" if everybody else ""
        lines += screen.wrapped(
            f"{row['from_date']} to {row['to_date']}: {row['seats']} of subscription "
            f"{row['subscription_id']}{whose}",
            2,
            4,
        )
    return lines


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _rows(found: Mapping[str, Any], screen: Screen) -> list[str]:
    """Return the records of all pairs, as delivered, each once."""
    rows = {
        Place(row["feed"], row["delivery"], row["file"], row["row"]): row["record"]
        for pair in (found, *found["others"])
        for row in pair["rows"]
    }
    if not rows:
        return []
    lines = ["", screen.strong("rows, as delivered")]
    for place, record in sorted(rows.items())[:MOST_ROWS]:
        row = DeliveredRow(place, record)
        cells = [
            f"{header} {row.cell(header)}"
            for header in SHOWN[place.feed].split()
            if row.cell(header)
        ]
        lines += [f"  {place}", *screen.wrapped(", ".join(cells), 4, 2)]
    if len(rows) > MOST_ROWS:
        lines.append(f"  and {len(rows) - MOST_ROWS:,} more, in --json")
    return lines


def _money(text: str) -> str:
    whole, _, cents = text.partition(".")
    return f"{int(whole):,}.{cents}"
