-- The rows of the measured date's snapshot that count, with their subscription's owner.
--
-- Grain: one row per counted row of license_usage.
-- Only the snapshot of exactly the measured date counts, from the newest delivery
-- that holds it; copies count none (T3). The subscription has a campaign offer on
-- some known row, whatever that row amounts to.

with

snapshots as (

    select max(license_usage.delivered_on) as delivered_on

    from license_usage

    cross join run_dates

    where license_usage.snapshot_date = run_dates.measured_on

),

counted_rows as (

    select
        coalesce(customer_identities.customer_id, license_usage.customer_tenant_id)
            as customer_id,
        license_usage.subscription_id,
        license_usage.assigned_seats,
        license_usage.delivered_on,
        license_usage.source_file,
        license_usage.source_row

    from license_usage

    inner join snapshots
        on license_usage.delivered_on = snapshots.delivered_on

    inner join run_dates
        on license_usage.snapshot_date = run_dates.measured_on

    left join customer_identities
        on license_usage.customer_tenant_id = customer_identities.tenant_id

    where not license_usage.is_duplicate_row_for_pga

)

select
    subscription_owners.subscription_key,
    subscription_owners.partner_id,
    subscription_owners.customer_id,
    subscription_owners.subscription_id,
    counted_rows.assigned_seats,
    counted_rows.delivered_on,
    counted_rows.source_file,
    counted_rows.source_row

from counted_rows

inner join dynamics_subscriptions
    on
        counted_rows.customer_id = dynamics_subscriptions.customer_id
        and counted_rows.subscription_id = dynamics_subscriptions.subscription_id

inner join subscription_owners
    on
        dynamics_subscriptions.billed_key
        = subscription_owners.subscription_key

where dynamics_subscriptions.has_campaign_offer
