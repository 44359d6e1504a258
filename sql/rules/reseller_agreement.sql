-- F1: the reseller agreement is signed on or before the eligibility date.
--
-- Grain: one row per (partner_id) of any candidate.
-- What fails while a later eligibility date is to come is pending (T5).

select
    candidate_partners.partner_id,
    case
        when candidate_partners.eligibility_date is null then 'pending'
        when candidate_partners.has_agreement then 'pass'
        when candidate_partners.is_date_to_come then 'pending'
        else 'fail'
    end as verdict,
    concat(
        'signed on ',
        coalesce(
            cast(current_partners.reseller_agreement_signed_on as string), 'no day'
        ),
        ', asked',
        ' on ',
        coalesce(cast(candidate_partners.eligibility_date as string), 'no date yet')
    ) as observed,
    'signed on or before the eligibility date' as required,
    current_partners.evidence

from candidate_partners

left join current_partners
    on candidate_partners.partner_id = current_partners.partner_id
