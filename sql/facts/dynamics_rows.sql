-- Every billing row of a Dynamics 365 subscription, of any product and charge type.
--
-- Grain: one row per billing row. What seats and owners are computed from.
-- What the catalogue says of the offer comes along; one it lacks counts as nothing.

select
    subscription_keys.subscription_key,
    billing.reseller_mpn_id,
    coalesce(sku_catalog.counts_as_seat, false) as counts_as_seat,
    coalesce(sku_catalog.is_purchase, false) as is_purchase,
    sku_catalog.family,
    billing.charge_start_date,
    billing.charge_end_date,
    billing.charge_type,
    billing.quantity,
    billing.amount,
    billing.delivered_on,
    billing.source_file,
    billing.source_row

from billing

inner join subscription_keys
    on
        billing.customer_id = subscription_keys.customer_id
        and billing.syndication_partner_subscription_number
        = subscription_keys.syndication_partner_subscription_number

left join sku_catalog
    on billing.durable_offer_id = sku_catalog.durable_offer_id
