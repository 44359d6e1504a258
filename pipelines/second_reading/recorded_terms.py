"""The terms of a campaign as a manifest records them: the shape of a campaign file."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pipelines.second_reading.refusal import Refused
from pipelines.second_reading.terms import Readings, Terms

# The readings of each setting that this engine has learned. Under another one,
# whatever it said would be about other terms.
READINGS = {
    ("seats", "required_of"): ("billed_and_assigned", "billed_only", "assigned_only"),
    ("seats", "scope"): ("across_products", "each_product"),
    ("seats", "team_members"): ("not_counted", "counted"),
    ("seats", "zero_amount"): ("not_billed", "counted"),
    ("customer", "identity"): ("tenant", "top_parent"),
    ("new_customer", "partner_scope"): ("any_partner", "this_partner"),
    ("attribution",): ("onboarding_partner", "each_partner_with_seats"),
    ("minimum_payout", "applies_to"): ("partner_total_after_adjustments",),
}
DATES = ("first_date", "second_date", "third_date")


def terms_of(recorded: Mapping[str, Any]) -> Terms:
    """Return the terms that a manifest holds under ``terms``, or raise Refused."""
    _refuse_unknown_readings(recorded)
    window, competencies = recorded["window"], recorded["competencies"]
    eligibility = recorded["eligibility"]
    return Terms(
        campaign_id=recorded["campaign_id"],
        first_day=_day(window["first_day"]),
        last_day=_day(window["last_day"]),
        cut_off=_day(window["cut_off"]),
        proof_due=_day(recorded["proof_of_performance"]["due_on"]),
        minimum_seats=int(recorded["seats"]["minimum"]["value"]),
        reward=Decimal(recorded["reward"]["amount_per_customer"]["value"]),
        minimum_payout=Decimal(recorded["minimum_payout"]["amount"]["value"]),
        eligibility_dates=tuple(
            _day(eligibility[name]) for name in DATES if name in eligibility
        ),
        segment=recorded["customer"]["segment"]["value"].lower(),
        competencies={
            item["name"].lower(): _admitted_from(item)
            for item in competencies["accepted"]
        },
        levels=_lower(competencies["levels"]),
        statuses=_lower(competencies["statuses"]),
        currency=recorded["reward"]["currency"]["value"],
        families=frozenset(_lower(recorded["products"]["families"])),
        holds=tuple(item["reason"] for item in recorded["holds"]),
        clauses={rule["id"]: rule["clause"] for rule in recorded["rules"]},
        pay_within_days=int(recorded["payment"]["within_days"]["value"]),
        readings=_readings(recorded),
    )


def _refuse_unknown_readings(recorded: Mapping[str, Any]) -> None:
    for place, known in READINGS.items():
        term: Any = recorded
        for name in place:
            term = term[name]
        if term["value"] not in known:
            setting = ".".join(place)
            raise Refused("unknown_reading", f"{setting} is {term['value']}")


def _readings(recorded: Mapping[str, Any]) -> Readings:
    seats = recorded["seats"]
    return Readings(
        required_of=seats["required_of"]["value"],
        scope=seats["scope"]["value"],
        team_members=seats["team_members"]["value"],
        zero_amount=seats["zero_amount"]["value"],
        identity=recorded["customer"]["identity"]["value"],
        partner_scope=recorded["new_customer"]["partner_scope"]["value"],
        attribution=recorded["attribution"]["value"],
    )


def _day(term: Mapping[str, str]) -> date:
    return date.fromisoformat(term["value"])


def _admitted_from(item: Mapping[str, str]) -> date | None:
    day = item.get("admitted_from")
    return date.fromisoformat(day) if day else None


def _lower(term: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(text.lower() for text in term["value"])
