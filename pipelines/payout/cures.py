"""What a partner can do about each rule that a customer does not pass, and each hold.

A rule that failed in a final run can be cured by a correction alone: what was true in
time and was not seen. One that is pending waits for what is named.
"""

from __future__ import annotations

# Of these, what was seen would tell of other partners: they are told in our words.
PRIVATE = {
    "new_to_dynamics": "it had Dynamics 365 through the programme before",
    "onboarded_by_partner": "it did not begin with you alone",
}
# Each: what to do if the rule failed; if it is pending.
RULES = {
    "new_to_dynamics": (
        "Nothing: the customer had Dynamics 365 before the campaign.",
        "Wait: rows of the customer are missing, and the provider has to deliver them.",
    ),
    "onboarded_in_window": (
        "Nothing: the customer began outside the campaign's days.",
        "Wait: rows of the customer are missing, and the provider has to deliver them.",
    ),
    "onboarded_by_partner": (
        "If you brought this customer first, ask the provider to check the reseller on "
        "its first invoices.",
        "Show the provider that you brought this customer: its first invoices do not "
        "name you alone.",
    ),
    "smb_segment": (
        "If it is a small or medium business, ask the provider to correct its segment.",
        "Tell the provider the customer's segment, which it does not have.",
    ),
    "billed_seats": (
        "If more seats were billed for that day, ask the provider for the invoice that "
        "is missing.",
        "Have more seats billed for that day, or ask for the invoice that is missing.",
    ),
    "assigned_seats": (
        "If more seats were assigned on that day, ask the provider to check its record "
        "of that day.",
        "Assign the seats to users by that day, or ask for the record of that day.",
    ),
    "complete_evidence": (
        "Wait: rows of this customer could not be read, and the provider has to "
        "deliver them again.",
        "Wait: rows of this customer could not be read, and the provider has to "
        "deliver them again.",
    ),
    "known_reseller": (
        "Ask the provider to list you as a reseller.",
        "Wait: the provider's record of you could not be read, and has to come again.",
    ),
    "active_mpn": (
        "If your membership was active on that day, show the provider.",
        "Have your membership active on the eligibility date, and tell the provider.",
    ),
    "reseller_agreement": (
        "If the reseller agreement was signed by then, send the provider a copy.",
        "Sign the reseller agreement.",
    ),
    "eligible_competency": (
        "If a listed competency, Gold or Silver, was active on that day, show it.",
        "Have a listed competency, Gold or Silver, active on the eligibility date.",
    ),
    "program_enrolment": (
        "If you were enrolled by then, send the provider the confirmation.",
        "Enrol in the incentive programme; without an invitation, ask to be added.",
    ),
    "in_compliance": (
        "Ask the provider which days count as not compliant, and why.",
        "Ask the provider which days count as not compliant, and why.",
    ),
    "proof_of_performance": (
        "If a proof was handed in by then, send the provider its reference.",
        "Ask the provider how far your proof of performance is.",
    ),
}
# Paid when cured.
HOLDS = {
    "account_verified": "Have your account verified.",
    "terms_accepted": "Accept the programme's terms.",
    "payment_profile": "Complete your payment profile.",
    "tax_profile": "Complete your tax profile.",
    "bank_account": "Give the provider a bank account that checks: beneficiary, town, "
    "country, and an IBAN or account number.",
}
OTHERWISE = "Ask the provider."


def cure_of_rule(name: str, verdict: str) -> str:
    """Return what can be done about a rule that failed, or is pending."""
    failed, pending = RULES.get(name, (OTHERWISE, OTHERWISE))
    return failed if verdict == "fail" else pending


def cure_of_hold(name: str) -> str:
    """Return what can be done about a hold."""
    return HOLDS.get(name, OTHERWISE)
