"""The change of each pair and each partner, as parts by cause that add up to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from pipelines.difference.causes import Cause
    from pipelines.difference.difference import RunDifference
    from pipelines.difference.states import CustomerState, Pair, PartnerState


@dataclass(frozen=True)
class CustomerPart:
    """What one cause did to a pair: dollars of its reward, and what it left decided."""

    cause: Cause
    reward: Decimal
    decision: str | None


@dataclass(frozen=True)
class CustomerChange:
    """What changed of a pair, and by which causes."""

    partner_id: str | None
    customer_id: str
    before: CustomerState
    after: CustomerState
    parts: tuple[CustomerPart, ...]


@dataclass(frozen=True)
class PartnerPart:
    """What one cause did to a partner: dollars earned, and dollars payable."""

    cause: Cause
    earned: Decimal
    payable: Decimal


@dataclass(frozen=True)
class PartnerChange:
    """What changed of a partner, and by which causes."""

    partner_id: str
    before: PartnerState
    after: PartnerState
    parts: tuple[PartnerPart, ...]


@dataclass(frozen=True)
class Total:
    """What one cause did in all: dollars, and how many pairs it touched."""

    cause: Cause
    earned: Decimal
    payable: Decimal
    customers: int


def customer_changes(found: RunDifference) -> list[CustomerChange]:
    """Return the pairs that changed, or that causes moved there and back."""
    changes = []
    for pair in sorted(_pairs(found), key=lambda pair: (pair[0] or "", pair[1])):
        parts = tuple(_customer_parts(found, pair))
        before, after = found.before.customer(pair), found.after.customer(pair)
        if parts or before != after:
            changes.append(CustomerChange(*pair, before, after, parts))
    return changes


def partner_changes(found: RunDifference) -> list[PartnerChange]:
    """Return the partners that changed, or that causes moved there and back."""
    states = (found.before, found.after, *(step.after for step in found.steps))
    changes = []
    for partner_id in sorted({one for state in states for one in state.partners}):
        parts = tuple(_partner_parts(found, partner_id))
        before = found.before.partner(partner_id)
        after = found.after.partner(partner_id)
        if parts or before != after:
            changes.append(PartnerChange(partner_id, before, after, parts))
    return changes


def totals(found: RunDifference) -> list[Total]:
    """Return what each cause did in all, in the order of the replay."""
    return [
        Total(
            step.cause,
            step.after.earned - step.before.earned,
            step.after.payable - step.before.payable,
            sum(
                step.before.customer(pair) != step.after.customer(pair)
                for pair in {*step.before.customers, *step.after.customers}
            ),
        )
        for step in found.steps
    ]


def _pairs(found: RunDifference) -> set[Pair]:
    states = (found.before, found.after, *(step.after for step in found.steps))
    return {pair for state in states for pair in state.customers}


def _customer_parts(found: RunDifference, pair: Pair) -> list[CustomerPart]:
    parts = []
    for step in found.steps:
        before, after = step.before.customer(pair), step.after.customer(pair)
        if before != after:
            gained = after.reward - before.reward
            parts.append(CustomerPart(step.cause, gained, after.decision))
    return parts


def _partner_parts(found: RunDifference, partner_id: str) -> list[PartnerPart]:
    parts = []
    for step in found.steps:
        before, after = step.before.partner(partner_id), step.after.partner(partner_id)
        if before != after:
            parts.append(
                PartnerPart(
                    step.cause,
                    after.earned - before.earned,
                    after.payable - before.payable,
                )
            )
    return parts
