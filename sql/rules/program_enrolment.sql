-- F2 T5: the partner is enrolled in the programme on or before the measured date.
--
-- Grain: one row per (partner_id) of any candidate.
-- Not yet enrolled while the campaign is open is pending.

select
    candidate_partners.partner_id,
    case
        when current_partners.csp_incentive_enrolled_on <= run_dates.measured_on
            then 'pass'
        when not run_dates.is_final then 'pending'
        else 'fail'
    end as verdict,
    concat(
        'enrolled on ',
        coalesce(cast(current_partners.csp_incentive_enrolled_on as string), 'no day')
    ) as observed,
    concat('on or before ', cast(run_dates.measured_on as string)) as required,
    current_partners.evidence

from candidate_partners

cross join run_dates

left join current_partners
    on candidate_partners.partner_id = current_partners.partner_id
