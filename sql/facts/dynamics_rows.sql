-- Every billing row of a Dynamics 365 subscription, of any product and charge type.
--
-- Grain: one row per billing row. What seats and owners are computed from.

select
    billing.customer_id,
    billing.syndication_partner_subscription_number,
    billing.reseller_mpn_id,
    billing.durable_offer_id,
    billing.charge_start_date,
    billing.charge_end_date,
    billing.charge_type,
    billing.quantity,
    billing.amount,
    billing.delivered_on,
    billing.source_file,
    billing.source_row

from billing

inner join dynamics_ids
    on
        billing.syndication_partner_subscription_number
        = dynamics_ids.syndication_partner_subscription_number
