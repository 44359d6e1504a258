-- O2: the customer began with the campaign's products in the campaign's days.
--
-- Grain: one row per (partner_id, customer_id).

select
    candidate_seats.partner_id,
    candidate_seats.customer_id,
    case
        when
            candidate_seats.onboarded_on between campaign.first_day
            and campaign.last_day
            then 'pass'
        else 'fail'
    end as verdict,
    concat('onboarded on ', cast(candidate_seats.onboarded_on as string)) as observed,
    concat(
        cast(campaign.first_day as string),
        ' to ',
        cast(campaign.last_day as string)
    ) as required,
    cast(null as string) as evidence

from candidate_seats

cross join campaign
