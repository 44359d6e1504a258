-- T6: an accepted proof of performance was submitted by the due date.
--
-- Grain: one row per (partner_id) of any candidate.
-- Without one: pending while the due date has not passed, while one submitted in time
-- is pending, or while no delivery of proofs is known; else fail.

with

proofs_in_time as (

    select
        proofs.mpn_id as partner_id,
        max(case when proofs.status = 'accepted' then 1 else 0 end) = 1
            as has_accepted,
        max(case when proofs.status = 'pending' then 1 else 0 end) = 1 as has_pending,
        references_in_order(
            array_agg(
                keyed_reference(
                    'proofs',
                    proofs.delivered_on,
                    proofs.source_file,
                    proofs.source_row
                )
            )
        ) as evidence

    from proofs

    inner join campaign
        on proofs.submitted_on <= campaign.proof_due_on

    group by proofs.mpn_id

),

proof_deliveries as (

    select count(*) > 0 as has_delivery

    from deliveries

    where feed = 'proofs'

)

select
    candidate_partners.partner_id,
    case
        when proofs_in_time.has_accepted then 'pass'
        when
            campaign.proof_due_on >= run_dates.known_at
            or coalesce(proofs_in_time.has_pending, false)
            or not proof_deliveries.has_delivery
            then 'pending'
        else 'fail'
    end as verdict,
    case
        when not proof_deliveries.has_delivery then 'no proofs delivered'
        when proofs_in_time.has_accepted then 'accepted'
        when proofs_in_time.has_pending then 'submitted, not yet judged'
        when proofs_in_time.partner_id is not null then 'submitted, rejected'
        else 'none submitted in time'
    end as observed,
    concat('accepted, submitted by ', cast(campaign.proof_due_on as string))
        as required,
    proofs_in_time.evidence

from candidate_partners

cross join campaign

cross join run_dates

cross join proof_deliveries

left join proofs_in_time
    on candidate_partners.partner_id = proofs_in_time.partner_id
