-- F1: the partner is listed among the provider's resellers.
--
-- Grain: one row per (partner_id) of any candidate.
-- No partner is never listed. One whose only rows are in quarantine is pending.

with

faulty_partners as (

    select
        partner_id,
        references_in_order(
            array_agg(
                keyed_reference('partners', delivered_on, source_file, source_row)
            )
        ) as evidence

    from quarantine_partners

    where partner_id is not null

    group by partner_id

)

select
    candidate_partners.partner_id,
    case
        when current_partners.partner_id is not null then 'pass'
        when faulty_partners.partner_id is not null then 'pending'
        else 'fail'
    end as verdict,
    case
        when current_partners.partner_id is not null then 'listed'
        when faulty_partners.partner_id is not null
            then 'listed in quarantined rows only'
        when candidate_partners.partner_id is null then 'no reseller'
        else 'not listed'
    end as observed,
    'listed in partners' as required,
    coalesce(current_partners.evidence, faulty_partners.evidence) as evidence

from candidate_partners

left join current_partners
    on candidate_partners.partner_id = current_partners.partner_id

left join faulty_partners
    on candidate_partners.partner_id = faulty_partners.partner_id
