-- Every billing row that puts seats on days, or takes them off.
--
-- Grain: one row per billing row of a Dynamics 365 offer that counts.
-- A row counts sign(amount) x quantity seats on each day of its charge period, both
-- ends included (credits carry positive quantities and negative amounts). Offsets
-- and rows of 0.00 are not active billing and count none (O5), unless the campaign
-- reads it so. Where customers are known by their top parent, the row is of that one.

select
    coalesce(customer_identities.customer_id, billing.customer_id) as customer_id,
    billing.syndication_partner_subscription_number as subscription_id,
    billing.charge_start_date as from_date,
    billing.charge_end_date as to_date,
    cast(case when billing.amount < 0 then -1 else 1 end * billing.quantity as bigint)
        as seats,
    sku_catalog.counts_as_seat as is_campaign,
    sku_catalog.is_purchase,
    sku_catalog.family,
    billing.delivered_on,
    billing.source_file,
    billing.source_row

from billing

inner join sku_catalog
    on billing.durable_offer_id = sku_catalog.durable_offer_id

cross join campaign

left join customer_identities
    on billing.customer_id = customer_identities.tenant_id

where
    (billing.amount <> 0 or campaign.zero_amount = 'counted')
    and lower(coalesce(billing.charge_type, '')) <> 'offset a line item'
    and (sku_catalog.counts_as_seat or sku_catalog.is_purchase)
