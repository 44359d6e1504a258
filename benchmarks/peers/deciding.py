"""The rules over a few thousand candidates: plain Python, for every peer the same."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from benchmarks.peers.terms import (
    ADMITTED_FROM,
    ELIGIBILITY_DATES,
    FIRST_DAY,
    GUID,
    LAST_DAY,
    MINIMUM_SEATS,
    PROOF_DUE_ON,
    REWARD,
    newest_file,
)

if TYPE_CHECKING:
    from pathlib import Path

RULES = [
    "new_to_dynamics",
    "onboarded_in_window",
    "onboarded_by_partner",
    "smb_segment",
    "billed_seats",
    "assigned_seats",
    "complete_evidence",
    "known_reseller",
    "active_mpn",
    "reseller_agreement",
    "eligible_competency",
    "program_enrolment",
    "in_compliance",
    "proof_of_performance",
]
NEED_EVIDENCE = {*RULES[:6]} - {"smb_segment"}
ALL_PARTNER = RULES[7:]
DATES = [
    "MpnActiveFrom",
    "MpnActiveTo",
    "ResellerAgreementSignedOn",
    "CspIncentiveEnrolledOn",
    "NonCompliantFrom",
    "NonCompliantTo",
    "AccountVerifiedOn",
    "TermsAcceptedOn",
    "PaymentProfileCompletedOn",
    "TaxProfileCompletedOn",
]


@dataclass(frozen=True)
class Candidate:
    """A partner and a customer, and what was counted for them."""

    partner_id: str | None
    customer_id: str
    onboarded_on: dt.date
    is_onboarder: bool
    onboarders: int
    billed_seats: int
    assigned_seats: int | None
    first_purchased_on: dt.date | None


def decide(
    source: Path, candidates: list[Candidate], faulty: set[str], out: Path
) -> None:
    """Write the decision on each candidate to *out*."""
    segments = _segments(source)
    partners, faulty_partners = _partners(source)
    competencies, proofs = _competencies(source), _proofs(source)
    verdicts_of = {
        partner_id: _partner_verdicts(
            partners.get(partner_id),
            partner_id in faulty_partners,
            competencies[partner_id],
            proofs[partner_id],
        )
        for partner_id in {one.partner_id for one in candidates}
    }
    lines = [
        _decision(
            one,
            _customer_verdicts(one, segments.get(one.customer_id), faulty)
            | verdicts_of[one.partner_id],
        )
        for one in candidates
    ]
    with (out / "decisions.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(sorted(lines))


def _decision(one: Candidate, verdicts: dict[str, str]) -> list[str]:
    failed = [rule for rule in RULES if verdicts[rule] == "fail"]
    pending = [rule for rule in RULES if verdicts[rule] == "pending"]
    decision = "not_qualified" if failed else "pending" if pending else "qualified"
    reward = REWARD if decision == "qualified" else Decimal("0.00")
    return [
        one.partner_id or "",
        one.customer_id,
        str(one.onboarded_on),
        str(one.billed_seats),
        "" if one.assigned_seats is None else str(one.assigned_seats),
        decision,
        " ".join(failed),
        " ".join(pending),
        str(reward),
    ]


def _customer_verdicts(
    one: Candidate, segment: str | None, faulty: set[str]
) -> dict[str, str]:
    def passed(holds: bool) -> str:
        return "pass" if holds else "fail"

    assigned = one.assigned_seats
    verdicts = {
        "new_to_dynamics": passed(
            one.first_purchased_on is None or one.first_purchased_on >= FIRST_DAY
        ),
        "onboarded_in_window": passed(FIRST_DAY <= one.onboarded_on <= LAST_DAY),
        "onboarded_by_partner": "fail"
        if not one.is_onboarder
        else "pending"
        if one.onboarders > 1
        else "pass",
        "smb_segment": passed(segment == "smb") if segment else "pending",
        "billed_seats": passed(one.billed_seats >= MINIMUM_SEATS),
        "assigned_seats": "pending"
        if assigned is None
        else passed(assigned >= MINIMUM_SEATS),
        "complete_evidence": "pending" if one.customer_id in faulty else "pass",
    }
    if one.customer_id in faulty:
        for rule in NEED_EVIDENCE:
            verdicts[rule] = "pass" if verdicts[rule] == "pass" else "pending"
    return verdicts


def _partner_verdicts(
    partner: dict[str, dt.date | None] | None,
    is_faulty: bool,
    competencies: list[tuple[dt.date, dt.date, dt.date]],
    proofs: set[str],
) -> dict[str, str]:
    if partner is None:
        return dict.fromkeys(ALL_PARTNER, "pending" if is_faulty else "fail")
    never, open_end = dt.date.max, dt.date.max

    def facts(day: dt.date) -> tuple[bool, bool, bool]:
        is_active = (partner["MpnActiveFrom"] or never) <= day
        is_active &= day <= (partner["MpnActiveTo"] or open_end)
        has_agreement = (partner["ResellerAgreementSignedOn"] or never) <= day
        held = any(
            start <= day <= end and listed <= day for start, end, listed in competencies
        )
        return is_active, has_agreement, held

    day = max(ELIGIBILITY_DATES, key=lambda date: (sum(facts(date)), date))
    start = max(partner["NonCompliantFrom"] or never, day)
    is_compliant = start > min(partner["NonCompliantTo"] or open_end, LAST_DAY)
    enrolled = (partner["CspIncentiveEnrolledOn"] or never) <= LAST_DAY
    proof = (
        "pass" if "accepted" in proofs else "pending" if "pending" in proofs else "fail"
    )
    held = [True, *facts(day), enrolled, is_compliant]
    verdicts = ["pass" if holds else "fail" for holds in held]
    return dict(zip(ALL_PARTNER, [*verdicts, proof], strict=True))


def _rows(source: Path, feed: str) -> list[dict[str, str]]:
    with newest_file(source, feed).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _is_whole(row: dict[str, str]) -> bool:
    # A record with a cell too many has it under None; one too few has a None.
    return None not in row and None not in row.values()


def _segments(source: Path) -> dict[str, str]:
    good = (row for row in _rows(source, "customers") if _is_whole(row))
    return {
        row["CustomerId"].lower(): row["Segment"].lower()
        for row in good
        if not row["TopParentId"] or re.match(GUID, row["TopParentId"].lower())
    }


def _partners(
    source: Path,
) -> tuple[dict[str | None, dict[str, dt.date | None]], set[str | None]]:
    good: dict[str | None, dict[str, dt.date | None]] = {}
    faulty: set[str | None] = set()
    for row in _rows(source, "partners"):
        try:
            if not _is_whole(row):
                raise ValueError
            good[row["MpnId"]] = {name: _day(row[name]) for name in DATES}
        except ValueError:
            faulty.add(row["MpnId"])
    return good, faulty - set(good)


def _competencies(
    source: Path,
) -> defaultdict[str | None, list[tuple[dt.date, dt.date, dt.date]]]:
    held: defaultdict[str | None, list[tuple[dt.date, dt.date, dt.date]]] = defaultdict(
        list
    )
    for row in _rows(source, "competencies"):
        listed = ADMITTED_FROM.get((row["Competency"] or "").lower())
        is_accepted = row["Level"].lower() in {"gold", "silver"}
        is_accepted &= (row["Status"] or "").lower() in {"active", "at risk"}
        if _is_whole(row) and listed and is_accepted and row["ActiveFrom"]:
            start, end = _day(row["ActiveFrom"]), _day(row["ActiveTo"]) or dt.date.max
            held[row["MpnId"]].append((start or dt.date.max, end, listed))
    return held


def _proofs(source: Path) -> defaultdict[str | None, set[str]]:
    found: defaultdict[str | None, set[str]] = defaultdict(set)
    for row in _rows(source, "proofs"):
        if _is_whole(row) and (_day(row["SubmittedOn"]) or dt.date.max) <= PROOF_DUE_ON:
            found[row["MpnId"]].add(row["Status"].lower())
    return found
