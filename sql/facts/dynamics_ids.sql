-- The subscriptions that Dynamics 365 was ever billed on, whoever the customer.
--
-- Grain: one row per (syndication_partner_subscription_number).

select distinct billing.syndication_partner_subscription_number

from billing

inner join sku_catalog
    on billing.durable_offer_id = sku_catalog.durable_offer_id

where sku_catalog.counts_as_seat or sku_catalog.is_purchase
