-- A number for each customer's subscription of Dynamics 365, which its rows go by.
--
-- Grain: one row per (customer_id, syndication_partner_subscription_number).
-- To count, group and join by a number costs a fraction of what it does by two ids. It
-- is one of these facts alone: no result has it.

select
    cast(
        row_number() over (
            order by
                billed_subscriptions.customer_id asc,
                billed_subscriptions.syndication_partner_subscription_number asc
        ) as bigint
    ) as subscription_key,
    billed_subscriptions.customer_id,
    billed_subscriptions.syndication_partner_subscription_number

from billed_subscriptions

inner join dynamics_ids
    on
        billed_subscriptions.syndication_partner_subscription_number
        = dynamics_ids.syndication_partner_subscription_number
