"""The models in ``sql/``, one table a file, in the order that they are built.

A model may read the validated feeds, the terms, and the models above it. Of the
billing rows, which are most of all rows, only the facts are computed.
"""

from __future__ import annotations

# What all else needs of the billing rows; nothing else here reads them.
FACTS = (
    "facts/dynamics_ids",
    "facts/billed_subscriptions",
    "facts/subscription_keys",
    "facts/dynamics_rows",
    "facts/billed_customers",
    "facts/billed_values",
    "facts/invoice_totals",
)
MODELS = (
    "marts/customer_identities",
    "marts/dynamics_subscriptions",
    "marts/seat_rows",
    "marts/seat_changes",
    "marts/subscription_owners",
    "marts/seat_timeline",
    "marts/purchase_timeline",
    "marts/candidates",
    "marts/subscription_starts",
    "marts/customer_onboarding",
    "marts/first_purchases",
    "marts/snapshot_rows",
    "marts/snapshot_seats",
    "marts/product_seats",
    "marts/candidate_seats",
    "marts/incomplete_customers",
    "marts/current_customers",
    "marts/current_partners",
    "marts/current_bank_accounts",
    "marts/eligible_competencies",
    "marts/partner_eligibility",
    "marts/candidate_partners",
    "marts/seat_evidence",
    "rules/new_to_dynamics",
    "rules/onboarded_in_window",
    "rules/onboarded_by_partner",
    "rules/smb_segment",
    "rules/billed_seats",
    "rules/assigned_seats",
    "rules/complete_evidence",
    "rules/known_reseller",
    "rules/active_mpn",
    "rules/reseller_agreement",
    "rules/eligible_competency",
    "rules/program_enrolment",
    "rules/in_compliance",
    "rules/proof_of_performance",
    "marts/customer_verdicts",
    "marts/partner_verdicts",
    "marts/rule_results",
    "marts/customer_decisions",
    "marts/partner_holds",
    "marts/partner_payouts",
)
WARNINGS = (
    "warnings/unknown_charge_types",
    "warnings/amounts_off_price",
    "warnings/several_currencies",
    "warnings/customers_with_two_names",
)
# Built for the checks of expectations/, and read by nothing that decides.
QUALITY_TABLES = (
    "quality/billing_changes",
    "quality/usage_totals",
    "quality/usage_changes",
    "quality/snapshot_changes",
    "quality/unknown_billed_partners",
    "quality/unknown_billed_customers",
    "quality/unbilled_usage",
)
