"""The nearest way in a few words, from what a run published and nothing else.

It is what a page can say of ten thousand candidates; ``cashback explain`` proves it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SEATS = {"billed_seats": "billed", "assigned_seats": "assigned"}
# What happened, and cannot be otherwise.
_HISTORY = {
    "new_to_dynamics": "it bought before",
    "onboarded_in_window": "it began before",
    "onboarded_by_partner": "another partner onboarded it",
}
_WAYS = {
    "smb_segment": "listed with the campaign's segment, if it has it",
    "complete_evidence": "its rows in quarantine delivered again",
    "known_reseller": "its partner listed, and its rules passed",
    "active_mpn": "membership active on the eligibility date",
    "reseller_agreement": "an agreement signed by the eligibility date",
    "eligible_competency": "an accepted competency on the eligibility date",
    "program_enrolment": "its partner enrolled in time",
    "in_compliance": "no non-compliant day, if that is a mistake",
    "proof_of_performance": "an accepted proof in time",
}
# Behind a partner that is not listed, the rest of its rules say nothing of their own.
_BEHIND_PARTNER = (
    "active_mpn",
    "reseller_agreement",
    "eligible_competency",
    "program_enrolment",
    "in_compliance",
    "proof_of_performance",
)


def short_way(candidate: Mapping[str, Any], minimum_seats: int) -> str:
    """Return what a candidate lacks, or why it has no way; blank if it qualifies.

    *candidate* has the columns of ``customer_decisions``.
    """
    rules = [*candidate["failed_rules"], *candidate["pending_rules"]]
    if not rules:
        return ""
    if obstacle := _obstacle(candidate, rules):
        return obstacle
    if "known_reseller" in rules:
        rules = [rule for rule in rules if rule not in _BEHIND_PARTNER]
    return "; ".join(_step(rule, candidate, minimum_seats) for rule in rules)


def _obstacle(candidate: Mapping[str, Any], rules: Sequence[str]) -> str:
    """Return why nothing helps; blank if something does."""
    if "known_reseller" in rules and candidate["partner_id"] is None:
        return "none: there is no reseller to pay"
    history = [rule for rule in _HISTORY if rule in rules]
    if not history:
        return ""
    words = _HISTORY[history[0]]
    if history[0] in candidate["failed_rules"]:
        return f"none: {words}"
    if "complete_evidence" in rules:
        return f"none, unless its rows in quarantine say otherwise: {words}"
    return "none: several partners onboarded it"


def _step(rule: str, candidate: Mapping[str, Any], minimum_seats: int) -> str:
    if rule not in _SEATS:
        return _WAYS.get(rule, "")
    if candidate[rule] is None:
        return "a snapshot of the measured date"
    short = minimum_seats - candidate[rule]
    return f"{short} more {_SEATS[rule]} {'seat' if short == 1 else 'seats'}"
