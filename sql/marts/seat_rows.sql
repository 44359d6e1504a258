-- Every billing row that puts seats on days, or takes them off.
--
-- Grain: one row per billing row of a Dynamics 365 offer that counts.
-- A row counts sign(amount) x quantity seats on each day of its charge period, both
-- ends included (credits carry positive quantities and negative amounts). Offsets
-- and rows of 0.00 are not active billing and count none (O5), unless the campaign
-- reads it so.

select
    dynamics_subscriptions.subscription_key,
    dynamics_rows.charge_start_date as from_date,
    dynamics_rows.charge_end_date as to_date,
    cast(
        case when dynamics_rows.amount < 0 then -1 else 1 end * dynamics_rows.quantity
        as bigint
    ) as seats,
    dynamics_rows.counts_as_seat as is_campaign,
    dynamics_rows.is_purchase,
    dynamics_rows.family,
    dynamics_rows.delivered_on,
    dynamics_rows.source_file,
    dynamics_rows.source_row

from dynamics_rows

inner join dynamics_subscriptions
    on dynamics_rows.subscription_key = dynamics_subscriptions.billed_key

cross join campaign

where
    (dynamics_rows.amount <> 0 or campaign.zero_amount = 'counted')
    and lower(coalesce(dynamics_rows.charge_type, '')) <> 'offset a line item'
    and (dynamics_rows.counts_as_seat or dynamics_rows.is_purchase)
