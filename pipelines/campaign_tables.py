"""The terms of a campaign as the tables that SQL joins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines import arrow_import

if TYPE_CHECKING:
    import pyarrow as pa

    from pipelines.campaign import Campaign

Rows = list[dict[str, Any]]


def campaign_tables(campaign: Campaign) -> dict[str, pa.Table]:
    """Return the tables of *campaign* by name."""
    arrow_import.import_now()
    import pyarrow as pa

    rows = _rows(campaign)
    return {
        name: pa.Table.from_pylist(rows[name], schema=schema)
        for name, schema in _schemas().items()
    }


def _schemas() -> dict[str, pa.Schema]:
    import pyarrow as pa

    text, day, money = pa.string(), pa.date32(), pa.decimal128(18, 2)
    fields: dict[str, list[tuple[str, pa.DataType]]] = {
        "campaign": [
            ("campaign_id", text),
            ("first_day", day),
            ("last_day", day),
            ("cut_off_on", day),
            ("proof_due_on", day),
            ("minimum_seats", pa.int32()),
            ("reward_amount", money),
            ("minimum_payout_amount", money),
            ("currency", text),
            ("segment", text),
            ("pay_by_on", day),
            ("required_of", text),
            ("seat_scope", text),
            ("zero_amount", text),
            ("customer_identity", text),
            ("partner_scope", text),
            ("attribution", text),
        ],
        "campaign_competencies": [("competency", text), ("admitted_from", day)],
        "campaign_competency_levels": [("level", text)],
        "campaign_competency_statuses": [("status", text)],
        "campaign_eligibility_dates": [("eligibility_date", day)],
        "campaign_rules": [
            ("rule_id", text),
            ("clause", text),
            ("position", pa.int32()),
        ],
        "campaign_holds": [
            ("hold_reason", text),
            ("clause", text),
            ("position", pa.int32()),
        ],
        "sku_catalog": [
            ("durable_offer_id", text),
            ("offer_name", text),
            ("family", text),
            ("is_purchase", pa.bool_()),
            ("counts_as_seat", pa.bool_()),
        ],
    }
    return {name: pa.schema(columns) for name, columns in fields.items()}


def _rows(campaign: Campaign) -> dict[str, Rows]:
    return {
        "campaign": [_campaign_row(campaign)],
        "campaign_competencies": [
            {"competency": item.name.lower(), "admitted_from": item.admitted_from}
            for item in campaign.competencies
        ],
        "campaign_competency_levels": [
            {"level": level.lower()} for level in campaign.competency_levels
        ],
        "campaign_competency_statuses": [
            {"status": status.lower()} for status in campaign.competency_statuses
        ],
        "campaign_eligibility_dates": [
            {"eligibility_date": day} for day in campaign.eligibility_dates
        ],
        "campaign_rules": [
            {"rule_id": rule.id, "clause": rule.clause, "position": position}
            for position, rule in enumerate(campaign.rules, start=1)
        ],
        "campaign_holds": [
            {"hold_reason": hold.reason, "clause": hold.clause, "position": position}
            for position, hold in enumerate(campaign.holds, start=1)
        ],
        "sku_catalog": _offer_rows(campaign),
    }


def _campaign_row(campaign: Campaign) -> dict[str, Any]:
    return {
        "campaign_id": campaign.campaign_id,
        "first_day": campaign.first_day,
        "last_day": campaign.last_day,
        "cut_off_on": campaign.cut_off_on,
        "proof_due_on": campaign.proof_due_on,
        "minimum_seats": campaign.minimum_seats,
        "reward_amount": campaign.reward_amount,
        "minimum_payout_amount": campaign.minimum_payout_amount,
        "currency": campaign.currency,
        "segment": campaign.segment.lower(),
        "pay_by_on": campaign.pay_by_on,
        **_readings(campaign),
    }


def _readings(campaign: Campaign) -> dict[str, str]:
    """Return how the terms are read where they can be read in several ways."""
    terms = campaign.terms
    return {
        "required_of": terms.seats.required_of.value,
        "seat_scope": terms.seats.scope.value,
        "zero_amount": terms.seats.zero_amount.value,
        "customer_identity": terms.customer.identity.value,
        "partner_scope": terms.new_customer.partner_scope.value,
        "attribution": terms.attribution.value,
    }


def _offer_rows(campaign: Campaign) -> Rows:
    """Return the offers; a seat counts only in a family of the campaign.

    Light-use licences count where the campaign reads the terms so.
    """
    light_use_counts = campaign.terms.seats.team_members.value == "counted"
    return [
        {
            "durable_offer_id": offer.durable_offer_id,
            "offer_name": offer.offer_name,
            "family": offer.family,
            "is_purchase": offer.is_purchase,
            "counts_as_seat": (
                offer.counts_as_seat and offer.family in campaign.families
            )
            or (light_use_counts and offer.is_light_use),
        }
        for offer in campaign.catalog.offers
    ]
