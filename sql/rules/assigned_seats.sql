-- O5 T3: enough licences are assigned in the snapshot of the measured date.
--
-- Grain: one row per (partner_id, customer_id).
-- Short while the campaign is open, or without a snapshot, is pending. Passes for all
-- where the campaign asks for billed seats alone.

select
    candidate_seats.partner_id,
    candidate_seats.customer_id,
    case
        when campaign.required_of = 'billed_only' then 'pass'
        when candidate_seats.assigned_seats >= campaign.minimum_seats then 'pass'
        when candidate_seats.assigned_seats is null or not run_dates.is_final
            then 'pending'
        else 'fail'
    end as verdict,
    concat(
        coalesce(cast(candidate_seats.assigned_seats as string), 'no snapshot'),
        ' on ',
        cast(run_dates.measured_on as string)
    ) as observed,
    case
        when campaign.required_of = 'billed_only' then 'not asked for'
        else concat('at least ', cast(campaign.minimum_seats as string))
    end as required,
    candidate_seats.assigned_evidence as evidence

from candidate_seats

cross join campaign

cross join run_dates
