"""Why a pair is no candidate, so that nothing was decided about it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.explain.delivered_rows import rows_naming
from pipelines.landing import LandedFile
from pipelines.receipts import receipts
from pipelines.text_scan import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.explain.narrowed import Narrowed
    from pipelines.recorded import RecordedRun

_PLACE = (
    "concat('{feed}/', cast(delivered_on as varchar), '/', source_file, ':', "
    "cast(source_row as varchar)) as place"
)
_SEATS = """
select
    min(from_date) as first_day,
    max(from_date) as last_start,
    max(to_date) as last_day,
    coalesce(bool_or(from_date <= (select measured_on from run_dates)), false)
        as has_earlier,
    coalesce(bool_or(to_date >= (select first_day from campaign)), false) as has_later
from seat_timeline where customer_id = $customer_id and seats > 0
"""
_BILLED = f"""
select
    coalesce(sku_catalog.counts_as_seat, false) as is_campaign,
    coalesce(sku_catalog.is_purchase, false) as is_purchase,
    coalesce(sku_catalog.offer_name, billing.offer_name, '') as offer_name,
    {_PLACE.format(feed="billing")}
from billing
left join sku_catalog on billing.durable_offer_id = sku_catalog.durable_offer_id
where billing.customer_id in (select tenant_id from own_tenants)
order by delivered_on, source_file, source_row
"""
_FAULTY = f"""
select {_PLACE.format(feed="billing")} from quarantine_billing
where customer_id in (select tenant_id from own_tenants) order by place
"""
_LISTED = f"""
select {_PLACE.format(feed="customers")} from customers
where customer_id = $customer_id
union all
select {_PLACE.format(feed="license_usage")} from license_usage
where customer_tenant_id = $customer_id and not is_duplicate_row_for_pga
order by place
"""
_PARENT = f"""
select customer_identities.customer_id as parent_id,
    {_PLACE.format(feed="customers")}
from customer_identities
inner join customers on customer_identities.tenant_id = customers.customer_id
where customer_identities.tenant_id = $customer_id
order by place
"""
_OF_PARTNER = f"""
select syndication_partner_subscription_number as subscription_id,
    {_PLACE.format(feed="billing")}
from billing
where reseller_mpn_id = $partner_id
    and customer_id in (select tenant_id from own_tenants)
order by delivered_on, source_file, source_row
"""


@dataclass(frozen=True)
class Absence:
    """Why nothing was decided, and the rows that show it."""

    reason: str
    text: str
    evidence: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the reason as JSON has it."""
        return {
            "reason": self.reason,
            "text": self.text,
            "evidence": list(self.evidence),
        }


def why_not_of_partner(
    narrowed: Narrowed, partner_id: str | None, others: list[str | None]
) -> Absence:
    """Return why a customer that is a candidate is none of this partner."""
    rows = narrowed.rows(_OF_PARTNER, partner_id=partner_id)
    names = [f"partner {other}" if other else "no reseller" for other in others]
    whose = ", ".join(names)
    if partner_id is None:
        return Absence("has_a_reseller", f"its seats have a reseller: {whose}")
    if not rows:
        text = f"no billing row of it names partner {partner_id}; it belongs to {whose}"
        return Absence("not_billed_by_partner", text)
    text = (
        f"partner {partner_id} is on {len(rows)} of its billing rows, but none of its "
        "subscriptions with seats in the campaign's days belongs to it in the end: "
        f"they belong to {whose}, on the latest row"
    )
    return Absence("belongs_to_another_partner", text, _places(rows))


def why_no_candidate(narrowed: Narrowed, run: RecordedRun) -> Absence:
    """Return why a customer is a candidate of no partner at all."""
    if parent := narrowed.rows(_PARENT, customer_id=narrowed.customer_id):
        return _known_by_its_parent(parent)
    (seats,) = narrowed.rows(_SEATS, customer_id=narrowed.customer_id)
    billed = narrowed.rows(_BILLED)
    faulty = narrowed.rows(_FAULTY)
    if seats["first_day"]:
        return _outside(narrowed, seats, _campaign_rows(billed))
    if faulty:
        text = (
            f"{len(faulty)} billing rows that name it lie in quarantine, and the "
            "others give it no seats"
        )
        return Absence("rows_in_quarantine", text, _places(faulty))
    if billed:
        return _without_seats(billed)
    return (
        _restated(narrowed, run)
        or _delivered_later(narrowed, run)
        or _unknown(narrowed)
    )


def _known_by_its_parent(rows: list[dict[str, Any]]) -> Absence:
    parent_id = rows[0]["parent_id"]
    text = (
        f"this run knows customers by their top parent, and it is a part of "
        f"{parent_id}: ask for --customer {parent_id}"
    )
    return Absence("known_by_its_parent", text, _places(rows))


def _campaign_rows(billed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in billed if row["is_campaign"]]


def _places(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(row["place"] for row in rows)


def _outside(
    narrowed: Narrowed, seats: dict[str, Any], rows: list[dict[str, Any]]
) -> Absence:
    campaign, measured_on = narrowed.campaign, narrowed.dates.measured_on
    days = f"from {campaign.first_day} to {measured_on}"
    if not seats["has_later"]:
        reason = "seats_before_the_campaign"
        text = f"its campaign seats ended on {seats['last_day']}: none {days}"
    elif not seats["has_earlier"]:
        reason = "seats_after_the_measured_date"
        text = f"its campaign seats begin on {seats['first_day']}: none {days}"
    else:
        reason = "no_seats_in_the_campaign"
        text = (
            f"it had campaign seats before, and from {seats['last_start']} on, but "
            f"none {days}"
        )
    return Absence(reason, text, _places(rows))


def _without_seats(billed: list[dict[str, Any]]) -> Absence:
    rows = _campaign_rows(billed)
    if rows:
        text = (
            f"its {len(rows)} billing rows of campaign products add up to no seats on "
            "any day: credited, offset, or of 0.00"
        )
        return Absence("no_seats_in_all", text, _places(rows))
    names = sorted({row["offer_name"] for row in billed if row["offer_name"]})
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""  # noqa: PLR2004 - enough to recognise them
    is_dynamics = any(row["is_purchase"] for row in billed)
    kind = (
        "Dynamics 365 products that are no seats" if is_dynamics else "other products"
    )
    text = f"it is billed only for {kind}: {', '.join(names[:3])}{more}"
    return Absence("other_products_only", text, _places(billed))


def _restated(narrowed: Narrowed, run: RecordedRun) -> Absence | None:
    """Return that an invoice named it, and the version in force does not."""
    in_force = {(item["delivery"], item["file"]) for item in run.manifest["inputs"]}
    places = [
        f"{file.place}:{row}"
        for file in _landed_billing(run)
        if file.delivered_on <= run.known_at
        and (str(file.delivered_on), file.name) not in in_force
        for row in _rows_naming(run, file, narrowed.customer_id)
    ]
    if not places:
        return None
    text = (
        "invoices that were delivered again since named it; their versions in force "
        "do not"
    )
    return Absence("restated_away", text, tuple(places))


def _delivered_later(narrowed: Narrowed, run: RecordedRun) -> Absence | None:
    """Return that only deliveries after the run's name it."""
    places = [
        f"{file.place}:{row}"
        for file in _landed_billing(run)
        if file.delivered_on > run.known_at
        for row in _rows_naming(run, file, narrowed.customer_id)
    ]
    if not places:
        return None
    text = f"only deliveries after {run.known_at} name it: a later run knows them"
    return Absence("delivered_later", text, tuple(places))


def _unknown(narrowed: Narrowed) -> Absence:
    listed = narrowed.rows(_LISTED, customer_id=narrowed.customer_id)
    if listed:
        text = "it is listed, but no billing row names it: it was never billed"
        return Absence("never_billed", text, _places(listed))
    text = "no row of any file of the run names it: look at the id again"
    return Absence("unknown_customer", text)


def _landed_billing(run: RecordedRun) -> Iterator[LandedFile]:
    for place, receipt in receipts(run.home):
        feed, day, name = place.split("/", 2)
        if feed == "billing":
            file = LandedFile(
                feed, dt.date.fromisoformat(day), name, receipt.sha256, receipt.size
            )
            if file.is_data:
                yield file


def _rows_naming(run: RecordedRun, file: LandedFile, customer_id: str) -> list[int]:
    """Return the rows of a file not in force; one that cannot be read has none."""
    try:
        return rows_naming(file.path_in(run.home / "landing"), customer_id)
    except (UnreadableFileError, OSError):
        return []
