"""The shape of a campaign file: which keys, holding what.

May import pydantic, the readings and the text types, nothing heavier.
"""

# pydantic reads these annotations when the module loads, so the imports stay real.
# ruff: noqa: TC001

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from pipelines import campaign_readings as readings
from pipelines.campaign_values import (
    CampaignId,
    ClauseCount,
    Clauses,
    Count,
    Currency,
    Day,
    Money,
    PagePart,
    PaymentDays,
    PositiveMoney,
    Text,
)

Value = TypeVar("Value")


class Part(BaseModel):
    """A part of a campaign file: fixed once read, and no key beside the known ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Term(Part, Generic[Value]):
    """One value with the clauses that it comes from."""

    value: Value
    clause: Clauses
    note: Text | None = None


class Window(Part):
    """The days of the campaign, and the day on which its invoices are complete."""

    first_day: Term[Day]
    last_day: Term[Day]
    cut_off: Term[Day]


class Seats(Part):
    """How many seats a customer needs, and how they are counted."""

    minimum: Term[Count]
    required_of: Term[readings.RequiredOf]
    scope: Term[readings.Scope]
    team_members: Term[readings.TeamMembers]
    zero_amount: Term[readings.ZeroAmount]


class Reward(Part):
    """What one qualified customer earns."""

    amount_per_customer: Term[PositiveMoney]
    currency: Term[Currency]


class MinimumPayout(Part):
    """The sum below which nothing is paid."""

    amount: Term[Money]
    applies_to: Term[readings.MinimumAppliesTo]


class Payment(Part):
    """How soon after the last day, and on which days, money moves."""

    within_days: Term[PaymentDays]
    calendar: Term[Text]
    # For how long a changed bank account waits for a second look; none if left out.
    account_quiet_days: Term[PaymentDays] | None = None


class Customer(Part):
    """Who counts as a customer."""

    segment: Term[Text]
    identity: Term[readings.Identity]


class NewCustomer(Part):
    """Whose earlier sales make a customer an old one."""

    partner_scope: Term[readings.PartnerScope]


class Eligibility(Part):
    """The dates on one of which the partner needs to be eligible, in order."""

    first_date: Term[Day]
    second_date: Term[Day] | None = None
    third_date: Term[Day] | None = None

    def dates(self) -> dict[str, Term[Day]]:
        """Return the dates that are given, by their keys."""
        found = {key: getattr(self, key) for key in type(self).model_fields}
        return {key: term for key, term in found.items() if term is not None}


class AcceptedCompetency(Part):
    """One competency of the list, with the day that admits it."""

    name: Text
    admitted_from: Day | None = None
    clause: Clauses
    note: Text | None = None


class Competencies(Part):
    """Which competencies count, at which level and in which status."""

    accepted: tuple[AcceptedCompetency, ...]
    levels: Term[tuple[Text, ...]]
    statuses: Term[tuple[Text, ...]]


class ProofOfPerformance(Part):
    """By when the partner has to hand in the proof."""

    due_on: Term[Day]


class Products(Part):
    """Which offers count."""

    catalog: Term[Text]
    families: Term[tuple[Text, ...]]


class Hold(Part):
    """What keeps an earned amount from being paid for now."""

    reason: Text
    clause: Clauses
    note: Text | None = None


class Rule(Part):
    """One rule of the decision, with the clause that results show."""

    id: Text
    clause: Clauses
    note: Text | None = None


class Terms(Part):
    """A whole campaign file."""

    campaign_id: CampaignId
    title: Term[Text]
    provider: Term[Text]
    window: Window
    seats: Seats
    reward: Reward
    minimum_payout: MinimumPayout
    payment: Payment
    customer: Customer
    new_customer: NewCustomer
    attribution: Term[readings.Attribution]
    eligibility: Eligibility
    competencies: Competencies
    proof_of_performance: ProofOfPerformance
    products: Products
    holds: tuple[Hold, ...]
    rules: tuple[Rule, ...]
    clause_counts: dict[PagePart, ClauseCount]
    clauses: dict[Text, Text]
