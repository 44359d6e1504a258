-- When a customer began with the campaign's products, and with how many partners.
--
-- Grain: one row per (customer_id, partner_id) that onboarded it, mostly one.
-- Its first day ever on any one subscription, whoever the partner: a later restart is
-- no new beginning (O2). No reseller counts as one partner.

with

onboarding_days as (

    select
        customer_id,
        min(started_on) as onboarded_on

    from subscription_starts

    group by customer_id

),

onboarding_partners as (

    select distinct
        subscription_starts.customer_id,
        subscription_starts.partner_id,
        onboarding_days.onboarded_on

    from subscription_starts

    inner join onboarding_days
        on
            subscription_starts.customer_id = onboarding_days.customer_id
            and subscription_starts.started_on = onboarding_days.onboarded_on

)

select
    customer_id,
    partner_id,
    onboarded_on,
    count(*) over (partition by customer_id) as onboarding_partners

from onboarding_partners
