"""What would make a rule on the partner pass, or why nothing can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.explain.changes import Change
from pipelines.explain.cure import PARTNER, PROVIDER, Cure, Obstacle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pipelines.explain.pair import Pair


def _known_reseller(pair: Pair, result: Mapping[str, str]) -> Cure | Obstacle:
    if pair.partner_id is None:
        text = "no invoice names a reseller for these seats: there is nobody to pay"
        return Obstacle(result["rule_id"], text)
    text = f"partner {pair.partner_id} listed in the feed partners"
    return Cure(result["rule_id"], text, PROVIDER, None, (_partner(pair, {}),))


def _partner(pair: Pair, values: Mapping[str, str]) -> Change:
    return Change(
        "partners",
        "set",
        pair.newest("partners"),
        key={"MpnId": pair.partner_id or ""},
        values=values,
    )


def _active_mpn(pair: Pair, result: Mapping[str, str]) -> Cure | Obstacle:
    day = pair.eligibility_date
    if day is None:
        return _no_date_yet(pair, result)
    values = {}
    if pair.mpn_active_from is None or pair.mpn_active_from > day:
        values["MpnActiveFrom"] = str(day)
    if pair.mpn_active_to is not None and pair.mpn_active_to < day:
        values["MpnActiveTo"] = ""
    text = f"network membership active on {_days(pair)}"
    return _standing(pair, result, text, _partner(pair, values))


def _reseller_agreement(pair: Pair, result: Mapping[str, str]) -> Cure | Obstacle:
    if pair.eligibility_date is None:
        return _no_date_yet(pair, result)
    change = _partner(pair, {"ResellerAgreementSignedOn": str(pair.eligibility_date)})
    text = f"reseller agreement signed by {_days(pair)}"
    return _standing(pair, result, text, change)


def _eligible_competency(pair: Pair, result: Mapping[str, str]) -> Cure | Obstacle:
    day = pair.eligibility_date
    if day is None:
        return _no_date_yet(pair, result)
    admitted = [
        competency.name
        for competency in pair.campaign.competencies
        if competency.admitted_from is None or competency.admitted_from <= day
    ]
    if not admitted:
        text = f"the campaign admits no competency on {day}"
        return Obstacle(result["rule_id"], text)
    values = {
        "MpnId": pair.partner_id or "",
        "Competency": admitted[0],
        "Level": pair.campaign.competency_levels[0],
        "Status": pair.campaign.competency_statuses[0],
        "ActiveFrom": str(day),
    }
    change = Change("competencies", "add", pair.newest("competencies"), values)
    text = f"an accepted competency, such as {admitted[0]}, in force on {_days(pair)}"
    return _standing(pair, result, text, change)


def _in_compliance(pair: Pair, result: Mapping[str, str]) -> Cure | Obstacle:
    if pair.eligibility_date is None:
        return _no_date_yet(pair, result)
    change = _partner(pair, {"NonCompliantFrom": "", "NonCompliantTo": ""})
    text = f"no non-compliant day, if {result['observed']!r} is a mistake"
    return Cure(result["rule_id"], text, PROVIDER, None, (change,))


def _days(pair: Pair) -> str:
    come = f", or on {pair.date_to_come}" if pair.date_to_come else ""
    return f"{pair.eligibility_date}{come}"


def _standing(pair: Pair, result: Mapping[str, str], text: str, change: Change) -> Cure:
    by = pair.date_to_come or pair.eligibility_date
    return Cure(result["rule_id"], text, PARTNER, by, (change,))


def _no_date_yet(pair: Pair, result: Mapping[str, str]) -> Obstacle:
    text = f"no eligibility date has come yet on {pair.dates.as_of}: time decides it"
    return Obstacle(result["rule_id"], text)


def _program_enrolment(pair: Pair, result: Mapping[str, str]) -> Cure:
    day = pair.dates.measured_on
    change = _partner(pair, {"CspIncentiveEnrolledOn": str(day)})
    text = f"enrolled in the programme by {pair.seats_due_on}"
    return Cure(result["rule_id"], text, PARTNER, pair.seats_due_on, (change,))


def _proof_of_performance(pair: Pair, result: Mapping[str, str]) -> Cure:
    due_on = pair.campaign.proof_due_on
    values = {
        "MpnId": pair.partner_id or "",
        "SubmittedOn": str(min(due_on, pair.dates.known_at)),
        "Status": "Accepted",
    }
    change = Change("proofs", "add", pair.newest("proofs"), values)
    text = f"an accepted proof of performance, submitted by {due_on}"
    return Cure(result["rule_id"], text, PARTNER, due_on, (change,))


CURES: dict[str, Callable[[Pair, Mapping[str, str]], Cure | Obstacle]] = {
    "known_reseller": _known_reseller,
    "active_mpn": _active_mpn,
    "reseller_agreement": _reseller_agreement,
    "eligible_competency": _eligible_competency,
    "program_enrolment": _program_enrolment,
    "in_compliance": _in_compliance,
    "proof_of_performance": _proof_of_performance,
}
