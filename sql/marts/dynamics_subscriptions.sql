-- The subscriptions that Dynamics 365 was ever billed on, in any row known.
--
-- Grain: one row per (customer_id, subscription_id).
-- Assigned seats are those of subscriptions with a campaign offer, whatever its rows
-- amount to.

select
    coalesce(customer_identities.customer_id, dynamics_rows.customer_id) as customer_id,
    dynamics_rows.syndication_partner_subscription_number as subscription_id,
    max(case when sku_catalog.counts_as_seat then 1 else 0 end) = 1
        as has_campaign_offer

from dynamics_rows

inner join sku_catalog
    on dynamics_rows.durable_offer_id = sku_catalog.durable_offer_id

left join customer_identities
    on dynamics_rows.customer_id = customer_identities.tenant_id

where sku_catalog.counts_as_seat or sku_catalog.is_purchase

group by
    coalesce(customer_identities.customer_id, dynamics_rows.customer_id),
    dynamics_rows.syndication_partner_subscription_number
