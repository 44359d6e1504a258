"""The fourteen rules of section 6, each to pass, fail or pending."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from pipelines.second_reading.days import on_or_before, within
from pipelines.second_reading.facts import Facts
from pipelines.second_reading.products import assigned_to, best_product
from pipelines.second_reading.reading import Row
from pipelines.second_reading.seats import Subscription
from pipelines.second_reading.terms import Terms

PASS, FAIL, PENDING = "pass", "fail", "pending"

CUSTOMER_RULES = (
    "new_to_dynamics",
    "onboarded_in_window",
    "onboarded_by_partner",
    "smb_segment",
    "billed_seats",
    "assigned_seats",
)
# These three choose the eligibility date (T5).
DATED_RULES = ("active_mpn", "reseller_agreement", "eligible_competency")
BELOW_KNOWN_RESELLER = (
    *DATED_RULES,
    "program_enrolment",
    "in_compliance",
    "proof_of_performance",
)
RULES = (*CUSTOMER_RULES, "complete_evidence", "known_reseller", *BELOW_KNOWN_RESELLER)


@dataclass(frozen=True)
class Case:
    """One candidate, and the run that it is decided in."""

    partner: str | None
    customer: str
    facts: Facts
    terms: Terms
    as_of: date
    known_at: date

    @property
    def measured_on(self) -> date:
        """Return the day that seats are counted on."""
        return self.facts.measured_on

    @property
    def shortfall(self) -> str:
        """Return what a curable shortfall is: pending while the campaign is open."""
        return FAIL if self.terms.is_final(self.as_of, self.known_at) else PENDING

    @property
    def anyones(self) -> list[Subscription]:
        """Return the customer's subscriptions with any partner."""
        return self.facts.of_customer(self.customer)

    @property
    def owned(self) -> list[Subscription]:
        """Return the subscriptions of the pair."""
        return [each for each in self.anyones if each.owner == self.partner]

    @property
    def onboarded_on(self) -> date:
        """Return the customer's first day ever with seats on any subscription."""
        return min(each.first_seats_on for each in self.anyones if each.first_seats_on)

    @property
    def billed_seats(self) -> int:
        """Return the pair's campaign seats on the measured date."""
        if self.terms.readings.scope == "each_product":
            return self._best_product[0]
        return sum(each.billed_on(self.measured_on) for each in self.owned)

    @property
    def assigned_seats(self) -> int | None:
        """Return the pair's assigned seats, or None where there is no snapshot."""
        if self.facts.snapshot is None:
            return None
        if self.terms.readings.scope == "each_product":
            return self._best_product[1]
        with_offer = [each for each in self.owned if each.has_seat_offer]
        return assigned_to(with_offer, self.facts.snapshot_of(self.customer))

    @cached_property
    def _best_product(self) -> tuple[int, int]:
        asked = self.terms.readings.required_of
        return best_product(self.owned, self.facts, self.customer, asked)

    @cached_property
    def verdicts(self) -> dict[str, str]:
        """Return the verdict of every rule, in the order of the contract."""
        found = customer_verdicts(self) | partner_verdicts(self)
        return {rule: found[rule] for rule in RULES}


def customer_verdicts(case: Case) -> dict[str, str]:
    """Judge the rules on the customer and its evidence."""
    in_window = case.terms.first_day <= case.onboarded_on <= case.terms.last_day
    found = {
        "new_to_dynamics": FAIL if _bought_before(case) else PASS,
        "onboarded_in_window": PASS if in_window else FAIL,
        "onboarded_by_partner": _onboarded_by_partner(case),
        "smb_segment": _smb_segment(case),
        "billed_seats": _enough(case, case.billed_seats),
        "assigned_seats": _enough(case, case.assigned_seats),
        "complete_evidence": PASS,
    }
    if case.terms.readings.required_of == "billed_only":
        found["assigned_seats"] = PASS
    if case.terms.readings.required_of == "assigned_only":
        found["billed_seats"] = PASS
    if case.customer in case.facts.faulty_rows:
        found["complete_evidence"] = PENDING
        for rule in CUSTOMER_RULES:
            if found[rule] == FAIL and rule != "smb_segment":
                found[rule] = PENDING
    return found


def asked_of(case: Case) -> list[Subscription]:
    """Return the subscriptions by which a customer is new, or is not (F3)."""
    this_partner = case.terms.readings.partner_scope == "this_partner"
    return case.owned if this_partner else case.anyones


def _bought_before(case: Case) -> bool:
    return any(each.purchased_before(case.terms.first_day) for each in asked_of(case))


def onboarders(case: Case) -> set[str | None]:
    """Return the partners with a subscription that began on the onboarding day."""
    return {
        each.owner for each in case.anyones if each.first_seats_on == case.onboarded_on
    }


def _onboarded_by_partner(case: Case) -> str:
    if case.terms.readings.attribution == "each_partner_with_seats":
        only_assigned = case.terms.readings.required_of == "assigned_only"
        return _enough(
            case, case.assigned_seats if only_assigned else case.billed_seats
        )
    partners = onboarders(case)
    if case.partner not in partners:
        return FAIL
    return PASS if len(partners) == 1 else PENDING


def _enough(case: Case, seats: int | None) -> str:
    if seats is None:
        return PENDING
    return PASS if seats >= case.terms.minimum_seats else case.shortfall


def _smb_segment(case: Case) -> str:
    customer = case.facts.customers.get(case.customer)
    if customer is None or customer["Segment"] is None:
        return PENDING
    return PASS if customer["Segment"].lower() == case.terms.segment else FAIL


def partner_verdicts(case: Case) -> dict[str, str]:
    """Judge the rules on the partner; one that is not listed fails them all."""
    if case.partner in case.facts.unreadable_partners:
        return dict.fromkeys(("known_reseller", *BELOW_KNOWN_RESELLER), PENDING)
    partner = case.facts.partners.get(case.partner or "")
    if partner is None:
        return dict.fromkeys(("known_reseller", *BELOW_KNOWN_RESELLER), FAIL)
    enrolled = on_or_before(partner["CspIncentiveEnrolledOn"], case.measured_on)
    return {
        "known_reseller": PASS,
        **eligibility_verdicts(case, partner),
        "program_enrolment": PASS if enrolled else case.shortfall,
        "proof_of_performance": _proof_of_performance(case),
    }


def eligibility_verdicts(case: Case, partner: Row) -> dict[str, str]:
    """Judge the rules that are read on the eligibility date (T5)."""
    chosen = chosen_date(case, partner)
    if chosen is None:
        return dict.fromkeys((*DATED_RULES, "in_compliance"), PENDING)
    compliant = not _was_non_compliant(partner, chosen, case.measured_on)
    later_to_come = any(day > case.as_of for day in case.terms.eligibility_dates)
    holds = (*holding_on(case, partner, chosen), compliant)
    return {
        rule: PASS if held else PENDING if later_to_come else FAIL
        for rule, held in zip((*DATED_RULES, "in_compliance"), holds, strict=True)
    }


def chosen_date(case: Case, partner: Row) -> date | None:
    """Return the eligibility date that is used; None if none has come yet (T5)."""
    come = [day for day in case.terms.eligibility_dates if day <= case.as_of]
    # The later date wins a tie, so the days are ranked by what holds, then by date.
    ranked = sorted((sum(holding_on(case, partner, day)), day) for day in come)
    return ranked[-1][1] if ranked else None


def holding_on(case: Case, partner: Row, day: date) -> tuple[bool, bool, bool]:
    """Tell which of the three dated rules hold on *day*, in their order."""
    return (
        within(day, partner["MpnActiveFrom"], partner["MpnActiveTo"]),
        on_or_before(partner["ResellerAgreementSignedOn"], day),
        any(
            _is_eligible_competency(case.terms, row, day)
            for row in case.facts.rows_of_partner("competencies", case.partner)
        ),
    )


def _is_eligible_competency(terms: Terms, row: Row, day: date) -> bool:
    name = row["Competency"].lower()
    return (
        name in terms.competencies
        and (terms.competencies[name] or date.min) <= day
        and row["Level"] in terms.levels
        and row["Status"] in terms.statuses
        and within(day, row["ActiveFrom"], row["ActiveTo"])
    )


def _was_non_compliant(partner: Row, first: date, last: date) -> bool:
    """Tell whether any day from *first* to *last* was not compliant."""
    start, end = partner["NonCompliantFrom"], partner["NonCompliantTo"] or date.max
    return start is not None and max(start, first) <= min(end, last)


def _proof_of_performance(case: Case) -> str:
    in_time = proofs_in_time(case)
    if "accepted" in in_time:
        return PASS
    still_due = case.terms.proof_due >= case.known_at
    if still_due or "pending" in in_time or not case.facts.has_delivery("proofs"):
        return PENDING
    return FAIL


def proofs_in_time(case: Case) -> set[str]:
    """Return what became of the proofs that the partner submitted in time (T6)."""
    return {
        row["Status"]
        for row in case.facts.rows_of_partner("proofs", case.partner)
        if on_or_before(row["SubmittedOn"], case.terms.proof_due)
    }
