"""What a partner can do about each rule that a customer does not pass, and each hold.

Said of what is missing; how much is missing stands beside it, as seen and required.
"""

from __future__ import annotations

CURES = {
    "new_to_dynamics": "Nothing: the customer had Dynamics 365 before the campaign.",
    "onboarded_in_window": "Nothing: the customer began outside the campaign's days.",
    "onboarded_by_partner": "If you brought this customer, ask the provider to check "
    "the reseller on its first invoices.",
    "smb_segment": "Ask the provider to check the customer's segment.",
    "billed_seats": "Bill more seats for the measured day.",
    "assigned_seats": "Assign more of the billed seats to users by the measured day.",
    "complete_evidence": "Rows of this customer could not be read: the provider has to "
    "deliver them again.",
    "known_reseller": "Ask the provider to list you as a reseller.",
    "active_mpn": "Check that your MPN membership is active on the eligibility date.",
    "reseller_agreement": "Check the date on which the reseller agreement was signed.",
    "eligible_competency": "Check that a listed competency, Gold or Silver, is active "
    "on the eligibility date.",
    "program_enrolment": "Enrol in the incentive programme.",
    "in_compliance": "Ask the provider which days count as not compliant.",
    "proof_of_performance": "Hand in proof of performance by its due date.",
    # Holds: paid when cured.
    "account_verified": "Have your account verified.",
    "terms_accepted": "Accept the programme's terms.",
    "payment_profile": "Complete your payment profile.",
    "tax_profile": "Complete your tax profile.",
    "bank_account": "Give the provider a bank account that checks.",
}


def cure(name: str) -> str:
    """Return what can be done about a rule or a hold."""
    return CURES.get(name, "Ask the provider.")
