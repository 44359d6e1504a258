"""The nearest way for a pair to qualify, proved by deciding it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.explain import customer_cures, partner_cures
from pipelines.explain.cure import Cure, Obstacle
from pipelines.explain.pair import pair_of

if TYPE_CHECKING:
    from decimal import Decimal

    from pipelines.explain.changes import Change
    from pipelines.explain.narrowed import Narrowed

# A cure may show what lay behind it: faulty rows, an unknown partner. Never thrice.
MOST_ROUNDS = 4
_CURES = customer_cures.CURES | partner_cures.CURES
# While one of these is open, the rules behind it say nothing of their own.
_BEHIND = {
    "complete_evidence": (
        "new_to_dynamics",
        "onboarded_in_window",
        "onboarded_by_partner",
        "billed_seats",
        "assigned_seats",
    ),
    "known_reseller": (
        "active_mpn",
        "reseller_agreement",
        "eligible_competency",
        "program_enrolment",
        "in_compliance",
        "proof_of_performance",
    ),
}


@dataclass(frozen=True)
class NearestWay:
    """What would have to be otherwise for a pair to qualify, or why nothing helps."""

    cures: tuple[Cure, ...]
    obstacles: tuple[Obstacle, ...]
    # What the pair was found to be once the changes were made.
    decision_after: str
    reward_amount: Decimal
    currency: str
    # The obstacles were found as if the rows in quarantine said nothing.
    is_before_correction: bool = False

    @property
    def is_possible(self) -> bool:
        """Whether the changes were proved to make the pair qualify."""
        return self.decision_after == "qualified"

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes of the extracts, in the order of the rules."""
        return tuple(change for cure in self.cures for change in cure.changes)

    @property
    def summary(self) -> str:
        """The way in a sentence."""
        if not self.is_possible:
            unless = ", unless the rows in quarantine turn out to say otherwise"
            reasons = "; ".join(obstacle.text for obstacle in self.obstacles)
            is_open = self.is_before_correction
            return f"no change makes it qualify{unless if is_open else ''}: {reasons}"
        what = "; ".join(cure.text for cure in self.cures)
        return f"{what}: {self.reward_amount:,.2f} {self.currency}"

    def as_dict(self) -> dict[str, Any]:
        """Return the way as JSON has it."""
        return {
            "is_possible": self.is_possible,
            "summary": self.summary,
            "amount": str(self.reward_amount) if self.is_possible else "0.00",
            "currency": self.currency,
            "decision_after": self.decision_after,
            "is_proved": self.is_possible,
            "steps": [
                {
                    "rule_id": cure.rule_id,
                    "text": cure.text,
                    "who": cure.who,
                    "by": str(cure.by) if cure.by else None,
                    "changes": [change.as_dict() for change in cure.changes],
                }
                for cure in self.cures
            ],
            "obstacles": [
                {"rule_id": obstacle.rule_id, "text": obstacle.text}
                for obstacle in self.obstacles
            ],
        }


def nearest_way(narrowed: Narrowed, partner_id: str | None) -> NearestWay | None:
    """Return the nearest way of a pair; None if it qualifies, or is no candidate."""
    narrowed.decide_as_delivered()
    decision = narrowed.decision(partner_id)
    if decision is None or decision["decision"] == "qualified":
        return None
    cures: list[Cure] = []
    obstacles: list[Obstacle] = []
    for _ in range(MOST_ROUNDS):
        steps = _steps(narrowed, partner_id)
        obstacles = [step for step in steps if isinstance(step, Obstacle)]
        cures += [step for step in steps if isinstance(step, Cure)]
        if obstacles or not steps:
            break
        narrowed.decide([change for cure in cures for change in cure.changes])
    decision = narrowed.decision(partner_id) or {"decision": "no candidate"}
    is_corrected = any(cure.rule_id == "complete_evidence" for cure in cures)
    return NearestWay(
        () if obstacles else tuple(cures),
        tuple(obstacles),
        decision["decision"],
        narrowed.campaign.reward_amount,
        narrowed.campaign.currency,
        is_before_correction=is_corrected,
    )


def _steps(narrowed: Narrowed, partner_id: str | None) -> list[Cure | Obstacle]:
    """Return a cure or an obstacle for each rule that does not pass now."""
    pair = pair_of(narrowed, partner_id)
    if pair is None:
        return []
    open_rules = {
        result["rule_id"]: result
        for result in narrowed.results(partner_id)
        if result["verdict"] != "pass"
    }
    behind = {
        rule for first in _BEHIND if first in open_rules for rule in _BEHIND[first]
    }
    return [
        _CURES[rule](pair, result)
        for rule, result in open_rules.items()
        if rule not in behind
    ]
