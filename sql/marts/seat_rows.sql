-- Every billing row that puts seats on days, or takes them off.
--
-- Grain: one row per billing row of a Dynamics 365 offer that counts.
-- A row counts sign(amount) x quantity seats on each day of its charge period, both
-- ends included (credits carry positive quantities and negative amounts). Offsets
-- and rows of 0.00 are not active billing and count none (O5), unless the campaign
-- reads it so. Where customers are known by their top parent, the row is of that one.

select
    coalesce(customer_identities.customer_id, dynamics_rows.customer_id) as customer_id,
    dynamics_rows.syndication_partner_subscription_number as subscription_id,
    dynamics_rows.charge_start_date as from_date,
    dynamics_rows.charge_end_date as to_date,
    cast(
        case when dynamics_rows.amount < 0 then -1 else 1 end * dynamics_rows.quantity
        as bigint
    ) as seats,
    sku_catalog.counts_as_seat as is_campaign,
    sku_catalog.is_purchase,
    sku_catalog.family,
    dynamics_rows.delivered_on,
    dynamics_rows.source_file,
    dynamics_rows.source_row

from dynamics_rows

inner join sku_catalog
    on dynamics_rows.durable_offer_id = sku_catalog.durable_offer_id

cross join campaign

left join customer_identities
    on dynamics_rows.customer_id = customer_identities.tenant_id

where
    (dynamics_rows.amount <> 0 or campaign.zero_amount = 'counted')
    and lower(coalesce(dynamics_rows.charge_type, '')) <> 'offset a line item'
    and (sku_catalog.counts_as_seat or sku_catalog.is_purchase)
