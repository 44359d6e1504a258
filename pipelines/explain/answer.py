"""The whole answer on a customer: the decisions, the rows, and the nearest way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.explain.absent import why_no_candidate, why_not_of_partner
from pipelines.explain.delivered_rows import delivered_rows, places_in
from pipelines.explain.ids import customer_guid, partner_of
from pipelines.explain.narrowed import narrowed
from pipelines.explain.nearest import nearest_way
from pipelines.explain.payments import payments_of
from pipelines.explain.published import Published, published_run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipelines.explain.narrowed import Narrowed
    from pipelines.recorded import RecordedRun

NOT_A_CANDIDATE = "not_a_candidate"
_PAID_FIRST = ("qualified", "pending", "not_qualified")
_TIMELINE = """
select subscription_id, partner_id, from_date, to_date, seats
from seat_timeline where customer_id = $customer_id
order by subscription_id, from_date
"""
# Of a customer that is the top parent of others.
_TENANTS = "select tenant_id from own_tenants where not is_asked order by tenant_id"
# Every billing row that puts seats on days, whichever partner it belongs to.
_SEAT_ROWS = """
select concat(
    'billing/', cast(delivered_on as varchar), '/', source_file, ':',
    cast(source_row as varchar)
) as place
from seat_rows
inner join subscription_owners using (subscription_key)
where customer_id = $customer_id
"""


def explain_customer(
    home: Path, run: str | None, customer: str, partner: str | None
) -> dict[str, Any]:
    """Return why a customer was paid for or not: of one partner, or of each.

    Raises:
        UsageError: there is no such run, or the customer is no GUID.
        DifferenceError: the run, or what it was decided from, has changed.
        CampaignError: this version cannot read its terms.
    """
    found = published_run(home, run)
    customer_id, wanted = customer_guid(found, customer), partner_of(partner)
    with narrowed(found, customer_id, wanted) as world:
        published = Published(found, world.con)
        return _Answer(found, world, published).document(partner is not None, wanted)


class _Answer:
    """One customer in one run."""

    def __init__(self, run: RecordedRun, world: Narrowed, published: Published) -> None:
        self._run, self._world, self._published = run, world, published
        # Before anything is tried out: what was delivered.
        self._seats, self._seat_rows = _seats(world), _seat_rows(world)
        self._decisions = sorted(
            published.decisions(world.customer_id), key=_paid_first
        )

    def document(self, is_one: bool, partner_id: str | None) -> dict[str, Any]:
        """Return the document of the pair that is asked for, or of every pair."""
        mine = [
            row
            for row in self._decisions
            if not is_one or row["partner_id"] == partner_id
        ]
        pairs = [self._pair(row) for row in mine] or [self._absent(is_one, partner_id)]
        first, *others = pairs
        payments = payments_of(self._run, self._world.customer_id)
        return self._run_facts() | {"payments": payments} | first | {"others": others}

    def _run_facts(self) -> dict[str, Any]:
        manifest, campaign = self._run.manifest, self._world.campaign
        return {
            "run_id": manifest["run_id"],
            "campaign_id": manifest["campaign_id"],
            "as_of": manifest["as_of"],
            "known_at": manifest["known_at"],
            "measured_on": manifest["measured_on"],
            "is_final": manifest["is_final"],
            "first_day": str(campaign.first_day),
            "pay_by": manifest["pay_by"],
            "minimum_seats": campaign.minimum_seats,
            "currency": campaign.currency,
            "customer_name": self._published.customer_name(),
            "tenants": [row["tenant_id"] for row in self._world.rows(_TENANTS)],
        }

    def _pair(self, decision: dict[str, Any]) -> dict[str, Any]:
        partner_id = decision["partner_id"]
        rules = self._published.rules(self._world.customer_id, partner_id)
        evidence = [rule["evidence"] for rule in rules]
        return {
            "partner_id": partner_id,
            "customer_id": self._world.customer_id,
            "decision": decision["decision"],
            "reward_amount": str(decision["reward_amount"]),
            "billed_seats": decision["billed_seats"],
            "assigned_seats": decision["assigned_seats"],
            "onboarded_on": str(decision["onboarded_on"]),
            "failed_rules": decision["failed_rules"],
            "pending_rules": decision["pending_rules"],
            "payout": self._published.payout(partner_id),
            "rules": rules,
            "nearest": self._nearest(partner_id, rules),
            "seats": self._seats,
            "rows": self._rows(evidence),
        }

    def _nearest(
        self, partner_id: str | None, rules: Sequence[dict[str, Any]]
    ) -> dict[str, Any] | None:
        """Return the nearest way, if this version decides the pair as the run did."""
        self._world.decide_as_delivered()
        if list(rules) != self._world.results(partner_id):
            text = (
                "another version of the rules decided this run, so no way was proved: "
                "`cashback reperform` tells what differs"
            )
            return {"is_possible": False, "is_proved": False, "summary": text}
        way = nearest_way(self._world, partner_id)
        return way.as_dict() if way else None

    def _absent(self, is_one: bool, partner_id: str | None) -> dict[str, Any]:
        if self._decisions:
            others = [row["partner_id"] for row in self._decisions]
            absence = why_not_of_partner(self._world, partner_id, others)
        else:
            absence = why_no_candidate(self._world, self._run)
        return {
            "partner_id": partner_id,
            "customer_id": self._world.customer_id,
            "decision": NOT_A_CANDIDATE,
            "reward_amount": "0.00",
            "payout": self._published.payout(partner_id),
            "rules": [],
            "nearest": {
                "is_possible": False,
                "is_proved": False,
                "summary": f"no candidate: {absence.text}",
            },
            "absence": absence.as_dict(),
            "seats": self._seats,
            "rows": self._rows(absence.evidence),
        }

    def _rows(self, evidence: Sequence[str]) -> list[dict[str, Any]]:
        places = places_in(self._run, [*evidence, *self._seat_rows])
        return [row.as_dict() for row in delivered_rows(self._run, places)]


def _seats(world: Narrowed) -> list[dict[str, Any]]:
    found = world.rows(_TIMELINE, customer_id=world.customer_id)
    return [
        {**row, "from_date": str(row["from_date"]), "to_date": str(row["to_date"])}
        for row in found
    ]


def _seat_rows(world: Narrowed) -> list[str]:
    found = world.rows(_SEAT_ROWS, customer_id=world.customer_id)
    return [row["place"] for row in found]


def _paid_first(decision: dict[str, Any]) -> tuple[int, bool, str]:
    partner_id = decision["partner_id"]
    rank = _PAID_FIRST.index(decision["decision"])
    return rank, partner_id is None, partner_id or ""
