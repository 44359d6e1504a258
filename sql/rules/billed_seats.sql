-- O5 T3: enough seats are billed on the measured date.
--
-- Grain: one row per (partner_id, customer_id).
-- Short while the campaign is open is pending: a late invoice can cure it. Passes for
-- all where the campaign asks for assigned seats alone.

select
    candidate_seats.partner_id,
    candidate_seats.customer_id,
    case
        when campaign.required_of = 'assigned_only' then 'pass'
        when candidate_seats.billed_seats >= campaign.minimum_seats then 'pass'
        when not run_dates.is_final then 'pending'
        else 'fail'
    end as verdict,
    concat(
        cast(candidate_seats.billed_seats as string),
        ' on ',
        cast(run_dates.measured_on as string)
    ) as observed,
    case
        when campaign.required_of = 'assigned_only' then 'not asked for'
        else concat('at least ', cast(campaign.minimum_seats as string))
    end as required,
    cast(null as string) as evidence

from candidate_seats

cross join campaign

cross join run_dates
