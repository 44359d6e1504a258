"""What to record and to pay: what a run owes to date, less what was instructed.

A pure function of the run, the balances of the ledger, and the holds. May import
nothing but the standard library and those types.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.ledger.balances import Balance

PAID_ELSEWHERE = "customer_paid_to_another_partner"
Cents = dict[str, int]


@dataclass
class PartnerPlan:
    """Of one partner, cents by customer; ``held`` is owed and not paid now."""

    partner_id: str
    earned: Cents = field(default_factory=dict)
    lost: Cents = field(default_factory=dict)
    paid: Cents = field(default_factory=dict)
    held_cents: int = 0
    hold_reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The plan of every partner, in their order, and what is netted in which order.

    A netting lets what a partner was paid for lost customers pay for new ones, which
    may have to be given up by another partner first.
    """

    partners: list[PartnerPlan]
    nettings: list[tuple[str, Cents]]


def plan_payments(
    entitled: Mapping[str, Cents],
    holds: Mapping[str, tuple[str, ...]],
    balances: Mapping[str, Balance],
) -> Plan:
    """Return what to record and to pay.

    *entitled* is what the run owes to date: cents by partner and customer.
    """
    partners = sorted({*entitled, *balances})
    desk = _Desk(
        {partner: dict(entitled.get(partner, {})) for partner in partners},
        {
            partner: dict(balances[partner].paid) if partner in balances else {}
            for partner in partners
        },
    )
    plans = {}
    for partner in partners:
        earned = balances[partner].earned if partner in balances else {}
        plans[partner] = _changes(partner, entitled.get(partner, {}), earned)
        plans[partner].hold_reasons = holds.get(partner, ())
    free = [partner for partner in partners if not plans[partner].hold_reasons]
    nettings: list[tuple[str, Cents]] = []
    # One netting may free a customer for another partner, whose netting frees the next.
    while found := [
        (partner, moves) for partner in free if (moves := desk.net(partner))
    ]:
        nettings += found
    for plan in plans.values():
        desk.pay(plan)
    return Plan(list(plans.values()), nettings)


def _changes(
    partner_id: str, entitled: Mapping[str, int], earned: Cents
) -> PartnerPlan:
    """Return what the ledger has yet to hear of what a partner has earned."""
    plan = PartnerPlan(partner_id)
    for customer in sorted({*entitled, *earned}):
        change = entitled.get(customer, 0) - earned.get(customer, 0)
        if change > 0:
            plan.earned[customer] = change
        elif change < 0:
            plan.lost[customer] = -change
    return plan


class _Desk:
    """What is entitled and paid while payments are planned: cents by customer."""

    def __init__(self, entitled: dict[str, Cents], paid: dict[str, Cents]) -> None:
        self._entitled, self._paid = entitled, paid
        self._payees: dict[str, set[str]] = {}
        for partner, customers in paid.items():
            for customer in customers:
                self._payees.setdefault(customer, set()).add(partner)

    def net(self, partner_id: str) -> Cents:
        """Let what was paid for lost customers pay for new ones; return the moves."""
        new, lost = self._missing(partner_id), self._surplus(partner_id)
        amount = min(sum(new.values()), sum(lost.values()))
        taken = {name: -cents for name, cents in _first(lost, amount).items()}
        moves = _first(new, amount) | taken
        for customer, cents in moves.items():
            self._add(partner_id, customer, cents)
        return moves

    def pay(self, plan: PartnerPlan) -> None:
        """Pay what is missing, unless it is held; never less than nothing."""
        missing = self._missing(plan.partner_id)
        elsewhere = sum(self._missing(plan.partner_id, free=False).values())
        free = sum(missing.values()) - sum(self._surplus(plan.partner_id).values())
        if free > 0 and not plan.hold_reasons:
            plan.paid = missing
            for customer, cents in missing.items():
                self._add(plan.partner_id, customer, cents)
        plan.held_cents = max(0, free + elsewhere) - sum(plan.paid.values())
        if elsewhere and plan.held_cents:
            plan.hold_reasons = (*plan.hold_reasons, PAID_ELSEWHERE)

    def _missing(self, partner_id: str, *, free: bool = True) -> Cents:
        """Return what was earned and not paid; *free*: nobody else was paid for it."""
        paid = self._paid[partner_id]
        return {
            customer: cents - paid.get(customer, 0)
            for customer, cents in sorted(self._entitled[partner_id].items())
            if cents > paid.get(customer, 0)
            and self._is_free(partner_id, customer) is free
        } | (self._unearned(partner_id) if free else {})

    def _unearned(self, partner_id: str) -> Cents:
        """Return what netting took from customers whose payment then came back."""
        entitled = self._entitled[partner_id]
        return {
            customer: entitled.get(customer, 0) - cents
            for customer, cents in sorted(self._paid[partner_id].items())
            if cents < 0 and customer not in entitled
        }

    def _surplus(self, partner_id: str) -> Cents:
        entitled = self._entitled[partner_id]
        return {
            customer: cents - entitled.get(customer, 0)
            for customer, cents in sorted(self._paid[partner_id].items())
            if cents > entitled.get(customer, 0)
        }

    def _is_free(self, partner_id: str, customer: str) -> bool:
        others = self._payees.get(customer, set()) - {partner_id}
        return not any(self._paid[other].get(customer, 0) > 0 for other in others)

    def _add(self, partner_id: str, customer: str, cents: int) -> None:
        paid = self._paid[partner_id]
        paid[customer] = paid.get(customer, 0) + cents
        self._payees.setdefault(customer, set()).add(partner_id)


def _first(amounts: Cents, most: int) -> Cents:
    """Return the first of *amounts* that add up to *most*, the last one cut."""
    found: Cents = {}
    for customer, cents in amounts.items():
        if most <= 0:
            break
        found[customer] = min(cents, most)
        most -= found[customer]
    return found
