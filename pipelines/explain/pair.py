"""What is known of one pair in the narrowed inputs: what a cure has to start from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from pipelines.campaign import Campaign
    from pipelines.explain.narrowed import Narrowed
    from pipelines.inputs import RunDates

# Of the pair's subscriptions with seats on a day that counts, the one held longest.
_SUBSCRIPTION = """
select seat_timeline.subscription_id
from seat_timeline
cross join campaign
cross join run_dates
where
    seat_timeline.customer_id = $customer_id
    and seat_timeline.partner_id is not distinct from $partner_id
    and seat_timeline.seats > 0
    and seat_timeline.from_date <= run_dates.measured_on
    and seat_timeline.to_date >= campaign.first_day
order by seat_timeline.to_date desc, seat_timeline.subscription_id
limit 1
"""
_OFFER = """
select
    billing.durable_offer_id, sku_catalog.offer_name,
    max(billing.unit_price) filter (where billing.unit_price > 0) as unit_price
from billing
inner join sku_catalog on billing.durable_offer_id = sku_catalog.durable_offer_id
where
    billing.customer_id in (select tenant_id from own_tenants)
    and billing.syndication_partner_subscription_number = $subscription_id
    and sku_catalog.counts_as_seat
group by all
order by all
limit 1
"""
_PARTNER = """
select
    candidate_partners.eligibility_date,
    (
        select max(eligibility_date) from campaign_eligibility_dates
        where eligibility_date > (select as_of from run_dates)
    ) as date_to_come,
    (
        select max(delivered_on) from license_usage
        where snapshot_date = (select measured_on from run_dates)
    ) as snapshot_delivered_on,
    current_partners.mpn_active_from, current_partners.mpn_active_to
from candidate_partners
left join current_partners
    on candidate_partners.partner_id = current_partners.partner_id
where candidate_partners.partner_id is not distinct from $partner_id
"""
_FAULTY = """
select '{feed}' as feed, delivered_on, source_file, source_row
from quarantine_{feed} where customer_id in (select tenant_id from own_tenants)
"""


@dataclass(frozen=True)
class Pair:
    """A candidate with the facts that its cures are made of."""

    partner_id: str | None
    customer_id: str
    campaign: Campaign
    dates: RunDates
    decision: Mapping[str, Any]
    subscription_id: str
    durable_offer_id: str
    offer_name: str
    unit_price: Decimal
    # The day on which the partner's standing is judged; None before any has come.
    eligibility_date: dt.date | None
    date_to_come: dt.date | None
    mpn_active_from: dt.date | None
    mpn_active_to: dt.date | None
    # The delivery that holds the measured day's snapshot; None without one.
    snapshot_delivered_on: dt.date | None
    # The newest delivery of each feed.
    deliveries: Mapping[str, dt.date]
    # Feed, delivery, file and row of what lies in quarantine and names the customer.
    faulty_rows: tuple[tuple[str, dt.date, str, int], ...]

    def newest(self, feed: str) -> dt.date:
        """Return the delivery of a feed that is in force, or where one could be."""
        return self.deliveries.get(feed, self.dates.known_at)

    @property
    def seats_due_on(self) -> dt.date:
        """The last day on which seats can still be there: the campaign's last."""
        return max(self.dates.measured_on, self.campaign.last_day)


def pair_of(narrowed: Narrowed, partner_id: str | None) -> Pair | None:
    """Return the facts of a pair as it was last decided; None for no candidate."""
    decision = narrowed.decision(partner_id)
    if decision is None:
        return None
    ids = {"customer_id": narrowed.customer_id, "partner_id": partner_id}
    (subscription,) = narrowed.rows(_SUBSCRIPTION, **ids)
    (offer,) = narrowed.rows(_OFFER, **subscription)
    (partner,) = narrowed.rows(_PARTNER, partner_id=partner_id)
    known = narrowed.rows(
        "select feed, max(delivered_on) as day from deliveries group by all"
    )
    price = offer.pop("unit_price")
    return Pair(
        partner_id=partner_id,
        customer_id=narrowed.customer_id,
        campaign=narrowed.campaign,
        dates=narrowed.dates,
        decision=decision,
        **subscription,
        **offer,
        unit_price=price.quantize(Decimal("0.01")) if price else Decimal("1.00"),
        **partner,
        deliveries={row["feed"]: row["day"] for row in known},
        faulty_rows=_faulty_rows(narrowed),
    )


def _faulty_rows(narrowed: Narrowed) -> tuple[tuple[str, dt.date, str, int], ...]:
    """Return the faulty rows that keep the customer's evidence incomplete."""
    (found,) = narrowed.rows(
        "select max(evidence) as places from incomplete_customers "
        "where customer_id = $customer_id",
        customer_id=narrowed.customer_id,
    )
    places = set((found["places"] or "").split("; "))
    rows = [
        tuple(row.values())
        for feed in ("billing", "license_usage")
        for row in narrowed.rows(_FAULTY.format(feed=feed))
    ]
    return tuple(
        sorted(
            (feed, day, name, row)
            for feed, day, name, row in rows
            if f"{feed}/{day}/{name}:{row}" in places
        )
    )
