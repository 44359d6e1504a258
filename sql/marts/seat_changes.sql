-- On which days the seats of a subscription change, and by how many.
--
-- Grain: one row per (subscription_key, changed_on).
-- A row's seats come on its first day and go on the day after its last. Where a renewal
-- cancels out what ends, nothing changes, and there is no row.

with

steps as (

    select
        subscription_key,
        from_date as changed_on,
        case when is_campaign then seats else 0 end as campaign_seats,
        case when is_purchase then seats else 0 end as purchase_seats

    from seat_rows

    union all

    select
        subscription_key,
        cast(to_date + interval '1' day as date) as changed_on,
        case when is_campaign then -seats else 0 end as campaign_seats,
        case when is_purchase then -seats else 0 end as purchase_seats

    from seat_rows

)

select
    subscription_key,
    changed_on,
    cast(sum(campaign_seats) as bigint) as campaign_seats,
    cast(sum(purchase_seats) as bigint) as purchase_seats

from steps

group by
    subscription_key,
    changed_on

having sum(campaign_seats) <> 0 or sum(purchase_seats) <> 0
