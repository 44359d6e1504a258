-- The verdicts of the rules on customers, one table for the seven rule files.
--
-- Grain: one row per (partner_id, customer_id, rule_id).

select
    partner_id,
    customer_id,
    'new_to_dynamics' as rule_id,
    verdict,
    observed,
    required,
    evidence

from new_to_dynamics

union all

select
    partner_id,
    customer_id,
    'onboarded_in_window' as rule_id,
    verdict,
    observed,
    required,
    evidence

from onboarded_in_window

union all

select
    partner_id,
    customer_id,
    'onboarded_by_partner' as rule_id,
    verdict,
    observed,
    required,
    evidence

from onboarded_by_partner

union all

select
    partner_id,
    customer_id,
    'smb_segment' as rule_id,
    verdict,
    observed,
    required,
    evidence

from smb_segment

union all

select
    partner_id,
    customer_id,
    'billed_seats' as rule_id,
    verdict,
    observed,
    required,
    evidence

from billed_seats

union all

select
    partner_id,
    customer_id,
    'assigned_seats' as rule_id,
    verdict,
    observed,
    required,
    evidence

from assigned_seats

union all

select
    partner_id,
    customer_id,
    'complete_evidence' as rule_id,
    verdict,
    observed,
    required,
    evidence

from complete_evidence
