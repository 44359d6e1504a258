-- T2: no day of non-compliance from the eligibility date to the measured date.
--
-- Grain: one row per (partner_id) of any candidate.
-- What fails while a later eligibility date is to come is pending (T5).

select
    candidate_partners.partner_id,
    case
        when candidate_partners.eligibility_date is null then 'pending'
        when
            current_partners.non_compliant_from is null
            or greatest(
                current_partners.non_compliant_from,
                candidate_partners.eligibility_date
            )
            > least(
                coalesce(current_partners.non_compliant_to, run_dates.measured_on),
                run_dates.measured_on
            )
            then 'pass'
        when candidate_partners.is_date_to_come then 'pending'
        else 'fail'
    end as verdict,
    case
        when current_partners.non_compliant_from is null then 'never non-compliant'
        else
            concat(
                'non-compliant from ',
                cast(current_partners.non_compliant_from as string),
                ' to ',
                coalesce(cast(current_partners.non_compliant_to as string), 'open')
            )
    end as observed,
    concat(
        'none from ',
        coalesce(cast(candidate_partners.eligibility_date as string), 'no date yet'),
        ' to ',
        cast(run_dates.measured_on as string)
    ) as required,
    current_partners.evidence

from candidate_partners

cross join run_dates

left join current_partners
    on candidate_partners.partner_id = current_partners.partner_id
