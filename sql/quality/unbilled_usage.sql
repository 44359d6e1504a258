-- Licences assigned on the measured day, in subscriptions that no invoice holds.
--
-- Grain: one row per (customer_id, subscription_id).

with

assigned as (

    select
        license_usage.customer_tenant_id as customer_id,
        license_usage.subscription_id,
        count(*) as usage_rows,
        max(license_usage.delivered_on) as last_delivered_on

    from license_usage

    inner join run_dates
        on license_usage.snapshot_date = run_dates.measured_on

    where not license_usage.is_duplicate_row_for_pga

    group by
        license_usage.customer_tenant_id,
        license_usage.subscription_id

)

select
    assigned.customer_id,
    assigned.subscription_id,
    assigned.usage_rows,
    assigned.last_delivered_on

from assigned

where
    not exists (
        select 1
        from billed_subscriptions
        where
            billed_subscriptions.customer_id = assigned.customer_id
            and billed_subscriptions.syndication_partner_subscription_number
            = assigned.subscription_id
    )
