-- The verdicts of the rules on partners, one table for the seven rule files.
--
-- Grain: one row per (partner_id, rule_id).

select
    partner_id,
    'known_reseller' as rule_id,
    verdict,
    observed,
    required,
    evidence

from known_reseller

union all

select
    partner_id,
    'active_mpn' as rule_id,
    verdict,
    observed,
    required,
    evidence

from active_mpn

union all

select
    partner_id,
    'reseller_agreement' as rule_id,
    verdict,
    observed,
    required,
    evidence

from reseller_agreement

union all

select
    partner_id,
    'eligible_competency' as rule_id,
    verdict,
    observed,
    required,
    evidence

from eligible_competency

union all

select
    partner_id,
    'program_enrolment' as rule_id,
    verdict,
    observed,
    required,
    evidence

from program_enrolment

union all

select
    partner_id,
    'in_compliance' as rule_id,
    verdict,
    observed,
    required,
    evidence

from in_compliance

union all

select
    partner_id,
    'proof_of_performance' as rule_id,
    verdict,
    observed,
    required,
    evidence

from proof_of_performance
