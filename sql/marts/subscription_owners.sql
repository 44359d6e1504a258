-- The one partner that a subscription belongs to in this run, for all its days.
--
-- Grain: one row per (customer_id, subscription_id).
-- The reseller of the latest row, of any product or charge type, that starts on or
-- before the measured date; where none has started, of the earliest. A null reseller
-- owns like any other.

with

known_rows as (

    select
        dynamics_subscriptions.customer_id,
        dynamics_rows.syndication_partner_subscription_number as subscription_id,
        dynamics_rows.reseller_mpn_id as partner_id,
        dynamics_rows.charge_start_date,
        dynamics_rows.delivered_on,
        dynamics_rows.source_file,
        dynamics_rows.source_row

    from dynamics_rows

    left join customer_identities
        on dynamics_rows.customer_id = customer_identities.tenant_id

    inner join dynamics_subscriptions
        on
            coalesce(customer_identities.customer_id, dynamics_rows.customer_id)
            = dynamics_subscriptions.customer_id
            and dynamics_rows.syndication_partner_subscription_number
            = dynamics_subscriptions.subscription_id

),

decisive_days as (

    select
        known_rows.customer_id,
        known_rows.subscription_id,
        max(
            case
                when known_rows.charge_start_date <= run_dates.measured_on
                    then known_rows.charge_start_date
            end
        ) as last_started_on,
        min(known_rows.charge_start_date) as first_starts_on

    from known_rows

    cross join run_dates

    group by
        known_rows.customer_id,
        known_rows.subscription_id

),

ranked as (

    select
        known_rows.customer_id,
        known_rows.subscription_id,
        known_rows.partner_id,
        decisive_days.last_started_on is not null as has_started,
        row_number() over (
            partition by known_rows.customer_id, known_rows.subscription_id
            order by
                known_rows.delivered_on asc,
                known_rows.source_file asc,
                known_rows.source_row asc
        ) as rank_from_first,
        row_number() over (
            partition by known_rows.customer_id, known_rows.subscription_id
            order by
                known_rows.delivered_on desc,
                known_rows.source_file desc,
                known_rows.source_row desc
        ) as rank_from_last

    from known_rows

    inner join decisive_days
        on
            known_rows.customer_id = decisive_days.customer_id
            and known_rows.subscription_id = decisive_days.subscription_id
            and known_rows.charge_start_date
            = coalesce(decisive_days.last_started_on, decisive_days.first_starts_on)

)

select
    customer_id,
    subscription_id,
    partner_id

from ranked

where
    (has_started and rank_from_last = 1)
    or (not has_started and rank_from_first = 1)
