-- Seats of the one product that a candidate has most of, where each counts alone.
--
-- Grain: one row per (partner_id, customer_id); none where the products add up.
-- The best product is the one with most seats both billed and assigned, or of the kind
-- that the campaign asks for alone. Assigned seats are of each product that the
-- subscription was ever billed with (O2).

with

billed as (

    select
        subscription_owners.partner_id,
        subscription_owners.customer_id,
        seat_rows.family,
        cast(sum(seat_rows.seats) as bigint) as billed_seats

    from seat_rows

    cross join campaign

    cross join run_dates

    inner join subscription_owners
        on seat_rows.subscription_key = subscription_owners.subscription_key

    where
        campaign.seat_scope = 'each_product'
        and seat_rows.is_campaign
        and run_dates.measured_on between seat_rows.from_date and seat_rows.to_date

    group by
        subscription_owners.partner_id,
        subscription_owners.customer_id,
        seat_rows.family

),

subscription_products as (

    select distinct
        seat_rows.subscription_key,
        seat_rows.family

    from seat_rows

    cross join campaign

    where
        campaign.seat_scope = 'each_product'
        and seat_rows.is_campaign

),

assigned as (

    select
        snapshot_rows.partner_id,
        snapshot_rows.customer_id,
        subscription_products.family,
        cast(sum(snapshot_rows.assigned_seats) as bigint) as assigned_seats

    from snapshot_rows

    inner join subscription_products
        on snapshot_rows.subscription_key = subscription_products.subscription_key

    group by
        snapshot_rows.partner_id,
        snapshot_rows.customer_id,
        subscription_products.family

),

products as (

    select
        partner_id,
        customer_id,
        family,
        billed_seats,
        0 as assigned_seats

    from billed

    union all

    select
        partner_id,
        customer_id,
        family,
        0 as billed_seats,
        assigned_seats

    from assigned

),

added as (

    select
        partner_id,
        customer_id,
        family,
        cast(sum(billed_seats) as bigint) as billed_seats,
        cast(sum(assigned_seats) as bigint) as assigned_seats

    from products

    group by
        partner_id,
        customer_id,
        family

),

counted as (

    select
        added.*,
        case
            when campaign.required_of = 'billed_only' then added.billed_seats
            when campaign.required_of = 'assigned_only' then added.assigned_seats
            else least(added.billed_seats, added.assigned_seats)
        end as counted_seats,
        case
            when campaign.required_of = 'billed_and_assigned' then added.billed_seats
            else 0
        end as tied_seats

    from added

    cross join campaign

),

ranked as (

    select
        *,
        row_number() over (
            partition by partner_id, customer_id
            order by
                counted_seats desc,
                tied_seats desc,
                family asc
        ) as rank_from_best

    from counted

)

select
    partner_id,
    customer_id,
    family,
    billed_seats,
    assigned_seats

from ranked

where rank_from_best = 1
