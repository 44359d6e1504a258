-- The billing rows that count on the day that decides a rule.
--
-- Grain: one row per (partner_id, customer_id, rule_id) with such rows.

with

decisive_days as (

    select
        candidate_seats.partner_id,
        candidate_seats.customer_id,
        candidate_seats.onboarded_on,
        first_purchases.first_purchased_on,
        run_dates.measured_on

    from candidate_seats

    cross join run_dates

    left join first_purchases
        on
            candidate_seats.customer_id = first_purchases.customer_id
            and candidate_seats.partner_id
            is not distinct from first_purchases.partner_id

),

-- Every row of a customer is looked at once, for all of its days.
decisive_rows as (

    select
        decisive_days.partner_id,
        decisive_days.customer_id,
        subscription_owners.partner_id as owner_id,
        seat_rows.is_purchase
        and decisive_days.first_purchased_on
        between seat_rows.from_date and seat_rows.to_date as is_of_first_purchase,
        seat_rows.is_campaign
        and decisive_days.onboarded_on
        between seat_rows.from_date and seat_rows.to_date as is_of_onboarding,
        seat_rows.is_campaign
        and decisive_days.measured_on
        between seat_rows.from_date and seat_rows.to_date as is_measured,
        seat_rows.delivered_on,
        seat_rows.source_file,
        seat_rows.source_row

    from decisive_days

    inner join subscription_owners
        on decisive_days.customer_id = subscription_owners.customer_id

    inner join seat_rows
        on
            subscription_owners.subscription_key = seat_rows.subscription_key
            and (
                seat_rows.is_purchase
                and decisive_days.first_purchased_on
                between seat_rows.from_date and seat_rows.to_date
                or seat_rows.is_campaign
                and decisive_days.onboarded_on
                between seat_rows.from_date and seat_rows.to_date
                or seat_rows.is_campaign
                and decisive_days.measured_on
                between seat_rows.from_date and seat_rows.to_date
            )

),

decided_rules as (

    select 'new_to_dynamics' as rule_id

    union all

    select 'onboarded_in_window' as rule_id

    union all

    select 'onboarded_by_partner' as rule_id

    union all

    select 'billed_seats' as rule_id

)

select
    decisive_rows.partner_id,
    decisive_rows.customer_id,
    decided_rules.rule_id,
    references_in_order(
        array_agg(
            keyed_reference(
                'billing',
                decisive_rows.delivered_on,
                decisive_rows.source_file,
                decisive_rows.source_row
            )
        )
    ) as evidence

from decisive_rows

cross join decided_rules

where
    case
        when decided_rules.rule_id = 'new_to_dynamics'
            then decisive_rows.is_of_first_purchase
        when decided_rules.rule_id = 'billed_seats'
            then
                decisive_rows.is_measured
                and decisive_rows.partner_id is not distinct from decisive_rows.owner_id
        else decisive_rows.is_of_onboarding
    end

group by
    decisive_rows.partner_id,
    decisive_rows.customer_id,
    decided_rules.rule_id
