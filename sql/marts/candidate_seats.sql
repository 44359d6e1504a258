-- Every candidate with its beginning and its seats at the measured date.
--
-- Grain: one row per (partner_id, customer_id).
-- billed_seats adds the pair's subscriptions, negatives as they are. assigned_seats
-- is 0 where the day's snapshot exists without the pair, null where there is none.
-- Where the campaign counts each product alone, both are of the best one (O2).

with

onboarding_days as (

    select distinct
        customer_id,
        onboarded_on

    from customer_onboarding

),

billed as (

    select
        seat_timeline.partner_id,
        seat_timeline.customer_id,
        cast(sum(seat_timeline.seats) as bigint) as billed_seats

    from seat_timeline

    inner join run_dates
        on
            seat_timeline.from_date <= run_dates.measured_on
            and seat_timeline.to_date >= run_dates.measured_on

    group by
        seat_timeline.partner_id,
        seat_timeline.customer_id

),

snapshots as (

    select count(*) > 0 as has_snapshot

    from license_usage

    inner join run_dates
        on license_usage.snapshot_date = run_dates.measured_on

)

select
    candidates.partner_id,
    candidates.customer_id,
    onboarding_days.onboarded_on,
    case
        when campaign.seat_scope = 'each_product'
            then coalesce(product_seats.billed_seats, 0)
        else coalesce(billed.billed_seats, 0)
    end as billed_seats,
    case
        when not snapshots.has_snapshot then null
        when campaign.seat_scope = 'each_product'
            then coalesce(product_seats.assigned_seats, 0)
        else coalesce(snapshot_seats.assigned_seats, 0)
    end as assigned_seats,
    snapshot_seats.evidence as assigned_evidence

from candidates

cross join snapshots

cross join campaign

inner join onboarding_days
    on candidates.customer_id = onboarding_days.customer_id

left join billed
    on
        candidates.customer_id = billed.customer_id
        and candidates.partner_id is not distinct from billed.partner_id

left join product_seats
    on
        candidates.customer_id = product_seats.customer_id
        and candidates.partner_id is not distinct from product_seats.partner_id

left join snapshot_seats
    on
        candidates.customer_id = snapshot_seats.customer_id
        and candidates.partner_id is not distinct from snapshot_seats.partner_id
