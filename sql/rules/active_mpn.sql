-- O3 T2: the partner's network membership is active on the eligibility date.
--
-- Grain: one row per (partner_id) of any candidate.
-- What fails while a later eligibility date is to come is pending (T5).

select
    candidate_partners.partner_id,
    case
        when candidate_partners.eligibility_date is null then 'pending'
        when candidate_partners.has_active_mpn then 'pass'
        when candidate_partners.is_date_to_come then 'pending'
        else 'fail'
    end as verdict,
    concat(
        'active from ',
        coalesce(cast(current_partners.mpn_active_from as string), 'never'),
        ' to ',
        coalesce(cast(current_partners.mpn_active_to as string), 'open'),
        ', asked',
        ' on ',
        coalesce(cast(candidate_partners.eligibility_date as string), 'no date yet')
    ) as observed,
    'active on the eligibility date' as required,
    current_partners.evidence

from candidate_partners

left join current_partners
    on candidate_partners.partner_id = current_partners.partner_id
