-- O3 O4: an accepted competency is in force on the eligibility date.
--
-- Grain: one row per (partner_id) of any candidate.
-- What fails while a later eligibility date is to come is pending (T5).

select
    partner_id,
    case
        when eligibility_date is null then 'pending'
        when has_competency then 'pass'
        when is_date_to_come then 'pending'
        else 'fail'
    end as verdict,
    concat(
        case when has_competency then 'an accepted competency' else 'none accepted' end,
        ' on ',
        coalesce(cast(eligibility_date as string), 'no date yet')
    ) as observed,
    'a listed competency of accepted level and status' as required,
    competency_evidence as evidence

from candidate_partners
