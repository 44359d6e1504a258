-- Who is paid for whom: the decision on every candidate.
--
-- Grain: one row per (partner_id, customer_id).
-- Not qualified if any rule fails, else pending if any is, else qualified: the reward
-- of the campaign for each qualified customer (O2, O6).

with

verdicts as (

    select
        rule_results.partner_id,
        rule_results.customer_id,
        rule_results.verdict,
        case
            when rule_results.verdict <> 'pass'
                then keyed(
                    lpad(cast(campaign_rules.position as string), 9, '0'),
                    rule_results.rule_id
                )
        end as rule_in_order

    from rule_results

    inner join campaign_rules
        on rule_results.rule_id = campaign_rules.rule_id

),

counted as (

    select
        partner_id,
        customer_id,
        ids_in_order(
            array_agg(case when verdict = 'fail' then rule_in_order end)
        ) as failed_rules,
        ids_in_order(
            array_agg(case when verdict = 'pending' then rule_in_order end)
        ) as pending_rules

    from verdicts

    group by
        partner_id,
        customer_id

),

decided as (

    select
        partner_id,
        customer_id,
        failed_rules,
        pending_rules,
        case
            when failed_rules is not null then 'not_qualified'
            when pending_rules is not null then 'pending'
            else 'qualified'
        end as decision

    from counted

)

select
    campaign.campaign_id,
    run_dates.as_of,
    decided.partner_id,
    decided.customer_id,
    candidate_seats.onboarded_on,
    candidate_seats.billed_seats,
    candidate_seats.assigned_seats,
    decided.decision,
    decided.failed_rules,
    decided.pending_rules,
    case
        when decided.decision = 'qualified' then campaign.reward_amount
        else cast(0 as decimal(18, 2))
    end as reward_amount,
    campaign.currency

from decided

cross join campaign

cross join run_dates

inner join candidate_seats
    on
        decided.customer_id = candidate_seats.customer_id
        and decided.partner_id is not distinct from candidate_seats.partner_id

order by
    decided.partner_id asc nulls last,
    decided.customer_id asc
