-- The one partner that a subscription belongs to in this run, for all its days.
--
-- Grain: one row per (subscription_key).
-- The reseller of the latest row, of any product or charge type, that starts on or
-- before the measured date; where none has started, of the earliest. A null reseller
-- owns like any other.

with

known_rows as (

    select
        dynamics_subscriptions.subscription_key,
        dynamics_rows.reseller_mpn_id as partner_id,
        dynamics_rows.charge_start_date,
        dynamics_rows.delivered_on,
        dynamics_rows.source_file,
        dynamics_rows.source_row

    from dynamics_rows

    inner join dynamics_subscriptions
        on dynamics_rows.subscription_key = dynamics_subscriptions.billed_key

),

decisive_days as (

    select
        known_rows.subscription_key,
        max(
            case
                when known_rows.charge_start_date <= run_dates.measured_on
                    then known_rows.charge_start_date
            end
        ) as last_started_on,
        min(known_rows.charge_start_date) as first_starts_on

    from known_rows

    cross join run_dates

    group by known_rows.subscription_key

),

ranked as (

    select
        known_rows.subscription_key,
        known_rows.partner_id,
        decisive_days.last_started_on is not null as has_started,
        row_number() over (
            partition by known_rows.subscription_key
            order by
                known_rows.delivered_on asc,
                known_rows.source_file asc,
                known_rows.source_row asc
        ) as rank_from_first,
        row_number() over (
            partition by known_rows.subscription_key
            order by
                known_rows.delivered_on desc,
                known_rows.source_file desc,
                known_rows.source_row desc
        ) as rank_from_last

    from known_rows

    inner join decisive_days
        on
            known_rows.subscription_key = decisive_days.subscription_key
            and known_rows.charge_start_date
            = coalesce(decisive_days.last_started_on, decisive_days.first_starts_on)

)

select
    ranked.subscription_key,
    dynamics_subscriptions.customer_id,
    dynamics_subscriptions.subscription_id,
    ranked.partner_id

from ranked

inner join dynamics_subscriptions
    on ranked.subscription_key = dynamics_subscriptions.billed_key

where
    (ranked.has_started and ranked.rank_from_last = 1)
    or (not ranked.has_started and ranked.rank_from_first = 1)
