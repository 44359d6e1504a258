-- The subscriptions that Dynamics 365 was ever billed on, in any row known.
--
-- Grain: one row per (billed_key); one per (customer_id, subscription_id) where the
-- billed_key is the subscription_key.
-- Billing rows go by the first key, all models by the second: where customers are known
-- by their top parent, what several tenants had of one subscription is one. Assigned
-- seats are those of subscriptions with a campaign offer, whatever its rows amount to.

with

offers as (

    select
        subscription_key,
        max(case when counts_as_seat or is_purchase then 1 else 0 end) as is_dynamics,
        max(case when counts_as_seat then 1 else 0 end) as has_campaign_offer

    from dynamics_rows

    group by subscription_key

),

known as (

    select
        subscription_keys.subscription_key as billed_key,
        coalesce(customer_identities.customer_id, subscription_keys.customer_id)
            as customer_id,
        subscription_keys.syndication_partner_subscription_number as subscription_id,
        offers.is_dynamics,
        offers.has_campaign_offer

    from subscription_keys

    inner join offers
        on subscription_keys.subscription_key = offers.subscription_key

    left join customer_identities
        on subscription_keys.customer_id = customer_identities.tenant_id

),

united as (

    select
        billed_key,
        customer_id,
        subscription_id,
        min(billed_key) over (partition by customer_id, subscription_id)
            as subscription_key,
        max(is_dynamics) over (partition by customer_id, subscription_id)
            as is_dynamics,
        max(has_campaign_offer) over (partition by customer_id, subscription_id)
            as has_campaign_offer

    from known

)

select
    billed_key,
    subscription_key,
    customer_id,
    subscription_id,
    has_campaign_offer = 1 as has_campaign_offer

from united

where is_dynamics = 1
