-- Campaign seats of every subscription over time: what all rules on seats read.
--
-- Grain: one row per (customer_id, subscription_id, from_date).
-- Maximal stretches of equal seats, both ends included; negatives as they are, zeros
-- left out. Changes that cancel out on a day are none, so neighbours always differ.

with

changes as (

    select
        subscription_key,
        changed_on,
        campaign_seats

    from seat_changes

    where campaign_seats <> 0

),

stretches as (

    select
        subscription_key,
        changed_on as from_date,
        lead(changed_on) over (
            partition by subscription_key order by changed_on
        ) as next_changed_on,
        sum(campaign_seats) over (
            partition by subscription_key
            order by changed_on
            rows between unbounded preceding and current row
        ) as seats

    from changes

)

select
    subscription_owners.customer_id,
    subscription_owners.subscription_id,
    subscription_owners.partner_id,
    stretches.from_date,
    cast(stretches.next_changed_on - interval '1' day as date) as to_date,
    cast(stretches.seats as bigint) as seats

from stretches

inner join subscription_owners
    on stretches.subscription_key = subscription_owners.subscription_key

where stretches.seats <> 0

order by
    subscription_owners.customer_id asc,
    subscription_owners.subscription_id asc,
    stretches.from_date asc
