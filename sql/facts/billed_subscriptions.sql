-- The subscriptions that were ever billed, of any product.
--
-- Grain: one row per (customer_id, syndication_partner_subscription_number).

select distinct
    customer_id,
    syndication_partner_subscription_number

from billing
