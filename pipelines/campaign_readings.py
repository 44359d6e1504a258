"""Where the terms can be read in more ways than one: the readings that exist.

To add a reading, add its name to the type here, and let the SQL that decides it read
the setting. A campaign file that names any other reading is refused. The setting
``eligibility.second_date``, which can also be read in two ways, takes any date.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

RequiredOf: TypeAlias = Literal[
    "billed_and_assigned", "billed_only", "assigned_only"
]  # seats.required_of
Scope: TypeAlias = Literal["across_products", "each_product"]  # seats.scope
TeamMembers: TypeAlias = Literal["not_counted", "counted"]  # seats.team_members
ZeroAmount: TypeAlias = Literal["not_billed", "counted"]  # seats.zero_amount
Identity: TypeAlias = Literal["tenant", "top_parent"]  # customer.identity
PartnerScope: TypeAlias = Literal[
    "any_partner", "this_partner"
]  # new_customer.partner_scope
Attribution: TypeAlias = Literal[
    "onboarding_partner", "each_partner_with_seats"
]  # attribution
MinimumAppliesTo: TypeAlias = Literal[  # minimum_payout.applies_to
    "partner_total_after_adjustments"
]
