-- Every rule for every candidate, with what was seen, what is required, and the rows.
--
-- Grain: one row per (partner_id, customer_id, rule_id).
-- Two things are settled here because they cross rules. While evidence is incomplete,
-- a customer's own rules cannot fail. And a partner that is not known fails all of
-- its rules, open or not; one that lies in quarantine has them pending.

with

verdicts as (

    select
        partner_id,
        customer_id,
        rule_id,
        verdict,
        observed,
        required,
        evidence,
        rule_id in (
            'new_to_dynamics',
            'onboarded_in_window',
            'onboarded_by_partner',
            'billed_seats',
            'assigned_seats'
        ) as needs_evidence,
        false as needs_partner

    from customer_verdicts

    union all

    select
        candidates.partner_id,
        candidates.customer_id,
        partner_verdicts.rule_id,
        partner_verdicts.verdict,
        partner_verdicts.observed,
        partner_verdicts.required,
        partner_verdicts.evidence,
        false as needs_evidence,
        true as needs_partner

    from candidates

    inner join partner_verdicts
        on candidates.partner_id is not distinct from partner_verdicts.partner_id

)

select
    verdicts.partner_id,
    verdicts.customer_id,
    verdicts.rule_id,
    campaign_rules.clause,
    case
        when verdicts.needs_partner and known_reseller.verdict <> 'pass'
            then known_reseller.verdict
        when
            verdicts.needs_evidence
            and verdicts.verdict = 'fail'
            and incomplete_customers.customer_id is not null
            then 'pending'
        else verdicts.verdict
    end as verdict,
    case
        when verdicts.needs_partner and known_reseller.verdict <> 'pass'
            then known_reseller.observed
        else verdicts.observed
    end as observed,
    verdicts.required,
    coalesce(verdicts.evidence, seat_evidence.evidence, '') as evidence

from verdicts

inner join campaign_rules
    on verdicts.rule_id = campaign_rules.rule_id

inner join known_reseller
    on verdicts.partner_id is not distinct from known_reseller.partner_id

left join incomplete_customers
    on verdicts.customer_id = incomplete_customers.customer_id

left join seat_evidence
    on
        verdicts.customer_id = seat_evidence.customer_id
        and verdicts.partner_id is not distinct from seat_evidence.partner_id
        and verdicts.rule_id = seat_evidence.rule_id

order by
    verdicts.partner_id asc nulls last,
    verdicts.customer_id asc,
    campaign_rules.position asc
