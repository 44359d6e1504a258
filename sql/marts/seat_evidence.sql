-- The billing rows that count on the day that decides a rule.
--
-- Grain: one row per (partner_id, customer_id, rule_id) with such rows.

with

decisive_days as (

    select
        candidate_seats.partner_id,
        candidate_seats.customer_id,
        'new_to_dynamics' as rule_id,
        first_purchases.first_purchased_on as decisive_on

    from candidate_seats

    inner join first_purchases
        on
            candidate_seats.customer_id = first_purchases.customer_id
            and candidate_seats.partner_id
            is not distinct from first_purchases.partner_id

    union all

    select
        partner_id,
        customer_id,
        'onboarded_in_window' as rule_id,
        onboarded_on as decisive_on

    from candidate_seats

    union all

    select
        partner_id,
        customer_id,
        'onboarded_by_partner' as rule_id,
        onboarded_on as decisive_on

    from candidate_seats

    union all

    select
        candidate_seats.partner_id,
        candidate_seats.customer_id,
        'billed_seats' as rule_id,
        run_dates.measured_on as decisive_on

    from candidate_seats

    cross join run_dates

)

select
    decisive_days.partner_id,
    decisive_days.customer_id,
    decisive_days.rule_id,
    references_in_order(
        array_agg(
            keyed_reference(
                'billing',
                seat_rows.delivered_on,
                seat_rows.source_file,
                seat_rows.source_row
            )
        )
    ) as evidence

from decisive_days

inner join seat_rows
    on
        decisive_days.customer_id = seat_rows.customer_id
        and decisive_days.decisive_on between seat_rows.from_date and seat_rows.to_date
        and case
            when decisive_days.rule_id = 'new_to_dynamics' then seat_rows.is_purchase
            else seat_rows.is_campaign
        end

inner join subscription_owners
    on
        seat_rows.customer_id = subscription_owners.customer_id
        and seat_rows.subscription_id = subscription_owners.subscription_id
        and (
            decisive_days.rule_id <> 'billed_seats'
            or decisive_days.partner_id
            is not distinct from subscription_owners.partner_id
        )

group by
    decisive_days.partner_id,
    decisive_days.customer_id,
    decisive_days.rule_id
