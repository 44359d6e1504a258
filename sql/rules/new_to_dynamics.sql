-- F3: the customer never bought Dynamics 365 before the campaign.
--
-- Grain: one row per (partner_id, customer_id).
-- Fails if any subscription of the customer, with any partner, had purchased seats
-- above 0 on a day before the campaign's first; or with this partner, if the campaign
-- reads it so.

select
    candidate_seats.partner_id,
    candidate_seats.customer_id,
    case
        when first_purchases.first_purchased_on < campaign.first_day then 'fail'
        else 'pass'
    end as verdict,
    concat(
        'first bought on ',
        coalesce(cast(first_purchases.first_purchased_on as string), 'no day')
    ) as observed,
    concat('not before ', cast(campaign.first_day as string)) as required,
    cast(null as string) as evidence

from candidate_seats

cross join campaign

left join first_purchases
    on
        candidate_seats.customer_id = first_purchases.customer_id
        and candidate_seats.partner_id is not distinct from first_purchases.partner_id
