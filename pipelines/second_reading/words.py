"""What was seen and what was asked for, as the published rule results say it."""

from datetime import date

from pipelines.second_reading.reading import Row
from pipelines.second_reading.rules import (
    BELOW_KNOWN_RESELLER,
    RULES,
    Case,
    asked_of,
    chosen_date,
    holding_on,
    onboarders,
    proofs_in_time,
)

NO_DATE_YET, NOT_ASKED = "no date yet", "not asked for"
Words = tuple[str, str]


def words_of(case: Case) -> dict[str, Words]:
    """Return (observed, required) of every rule of a candidate."""
    partner = case.facts.partners.get(case.partner or "")
    found = _customer_words(case) | _partner_words(case, partner)
    if partner is None:
        # Whoever is not known is seen as that alone, whatever was asked for.
        for rule in BELOW_KNOWN_RESELLER:
            found[rule] = (found["known_reseller"][0], found[rule][1])
    return {rule: found[rule] for rule in RULES}


def _customer_words(case: Case) -> dict[str, Words]:
    terms, measured_on = case.terms, case.measured_on
    enough, readings = f"at least {terms.minimum_seats}", terms.readings
    with_seats = readings.attribution == "each_partner_with_seats"
    assigned = case.assigned_seats
    faulty = case.facts.faulty_rows.get(case.customer, 0)
    return {
        "new_to_dynamics": (
            f"first bought on {_day(_first_purchase(case), 'no day')}",
            f"not before {terms.first_day}",
        ),
        "onboarded_in_window": (
            f"onboarded on {case.onboarded_on}",
            f"{terms.first_day} to {terms.last_day}",
        ),
        "onboarded_by_partner": (
            f"{_onboarded_by(case)} on {case.onboarded_on}",
            "the seats with this partner"
            if with_seats
            else "onboarded by this partner alone",
        ),
        "smb_segment": (_segment(case), f"segment {terms.segment.upper()}"),
        "billed_seats": (
            f"{case.billed_seats} on {measured_on}",
            NOT_ASKED if readings.required_of == "assigned_only" else enough,
        ),
        "assigned_seats": (
            f"{'no snapshot' if assigned is None else assigned} on {measured_on}",
            NOT_ASKED if readings.required_of == "billed_only" else enough,
        ),
        "complete_evidence": (
            f"{faulty} rows in quarantine",
            "0 rows in quarantine",
        ),
    }


def _first_purchase(case: Case) -> date | None:
    days = [
        stretch.first
        for each in asked_of(case)
        for stretch in each.purchased
        if stretch.seats > 0
    ]
    return min(days, default=None)


def _onboarded_by(case: Case) -> str:
    partners = onboarders(case)
    if case.partner not in partners:
        return "onboarded by others"
    if len(partners) > 1:
        return f"one of {len(partners)} partners that onboarded"
    return "onboarded by this partner"


def _segment(case: Case) -> str:
    customer = case.facts.customers.get(case.customer)
    if customer is None:
        return "customer not listed"
    return f"segment {customer['Segment'] or 'blank'}"


def _partner_words(case: Case, partner: Row | None) -> dict[str, Words]:
    asked_on = chosen_date(case, partner) if partner else None
    asked = _day(asked_on, NO_DATE_YET)
    return {
        "known_reseller": (_listed(case, partner), "listed in partners"),
        "active_mpn": (
            f"active from {_date(partner, 'MpnActiveFrom', 'never')} to "
            f"{_date(partner, 'MpnActiveTo', 'open')}, asked on {asked}",
            "active on the eligibility date",
        ),
        "reseller_agreement": (
            f"signed on {_date(partner, 'ResellerAgreementSignedOn', 'no day')}, "
            f"asked on {asked}",
            "signed on or before the eligibility date",
        ),
        "eligible_competency": (
            f"{_competency(case, partner, asked_on)} on {asked}",
            "a listed competency of accepted level and status",
        ),
        "program_enrolment": (
            f"enrolled on {_date(partner, 'CspIncentiveEnrolledOn', 'no day')}",
            f"on or before {case.measured_on}",
        ),
        "in_compliance": (
            _compliance(partner),
            f"none from {asked} to {case.measured_on}",
        ),
        "proof_of_performance": (
            _proof(case),
            f"accepted, submitted by {case.terms.proof_due}",
        ),
    }


def _listed(case: Case, partner: Row | None) -> str:
    if partner is not None:
        return "listed"
    if case.partner in case.facts.unreadable_partners:
        return "listed in quarantined rows only"
    return "no reseller" if case.partner is None else "not listed"


def _competency(case: Case, partner: Row | None, asked_on: date | None) -> str:
    holds = partner and asked_on and holding_on(case, partner, asked_on)[2]
    return "an accepted competency" if holds else "none accepted"


def _compliance(partner: Row | None) -> str:
    if partner is None or partner["NonCompliantFrom"] is None:
        return "never non-compliant"
    until = _date(partner, "NonCompliantTo", "open")
    return f"non-compliant from {partner['NonCompliantFrom']} to {until}"


def _proof(case: Case) -> str:
    if not case.facts.has_delivery("proofs"):
        return "no proofs delivered"
    in_time = proofs_in_time(case)
    if "accepted" in in_time:
        return "accepted"
    if "pending" in in_time:
        return "submitted, not yet judged"
    return "submitted, rejected" if in_time else "none submitted in time"


def _date(row: Row | None, column: str, otherwise: str) -> str:
    return _day(row[column] if row else None, otherwise)


def _day(day: date | None, otherwise: str) -> str:
    return otherwise if day is None else day.isoformat()
