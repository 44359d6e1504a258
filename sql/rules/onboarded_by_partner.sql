-- O2: this partner, and it alone, onboarded the customer.
--
-- Grain: one row per (partner_id, customer_id).
-- Several partners with a subscription that began on the onboarding day: pending for
-- each of them, fail for the rest. No reseller counts as one partner. Where the
-- campaign rewards each partner with the seats, it is enough to have them: those
-- assigned, where it asks for these alone, and otherwise those billed.

with

onboarding_counts as (

    select
        customer_id,
        max(onboarding_partners) as onboarding_partners

    from customer_onboarding

    group by customer_id

),

seats_with_partner as (

    select
        candidate_seats.partner_id,
        candidate_seats.customer_id,
        case
            when campaign.required_of = 'assigned_only'
                then candidate_seats.assigned_seats
            else candidate_seats.billed_seats
        end as seats

    from candidate_seats

    cross join campaign

)

select
    candidate_seats.partner_id,
    candidate_seats.customer_id,
    case
        when campaign.attribution = 'each_partner_with_seats'
            then
                case
                    when seats_with_partner.seats >= campaign.minimum_seats
                        then 'pass'
                    when seats_with_partner.seats is null or not run_dates.is_final
                        then 'pending'
                    else 'fail'
                end
        when customer_onboarding.customer_id is null then 'fail'
        when onboarding_counts.onboarding_partners > 1 then 'pending'
        else 'pass'
    end as verdict,
    concat(
        case
            when customer_onboarding.customer_id is null then 'onboarded by others'
            when onboarding_counts.onboarding_partners > 1
                then concat(
                    'one of ',
                    cast(onboarding_counts.onboarding_partners as string),
                    ' partners that onboarded'
                )
            else 'onboarded by this partner'
        end,
        ' on ',
        cast(candidate_seats.onboarded_on as string)
    ) as observed,
    case
        when campaign.attribution = 'each_partner_with_seats'
            then 'the seats with this partner'
        else 'onboarded by this partner alone'
    end as required,
    cast(null as string) as evidence

from candidate_seats

cross join campaign

cross join run_dates

inner join seats_with_partner
    on
        candidate_seats.customer_id = seats_with_partner.customer_id
        and candidate_seats.partner_id
        is not distinct from seats_with_partner.partner_id

inner join onboarding_counts
    on candidate_seats.customer_id = onboarding_counts.customer_id

left join customer_onboarding
    on
        candidate_seats.customer_id = customer_onboarding.customer_id
        and candidate_seats.partner_id
        is not distinct from customer_onboarding.partner_id
