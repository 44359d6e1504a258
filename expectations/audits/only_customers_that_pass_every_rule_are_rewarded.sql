-- A reward stands on a pass of every single rule.
-- Returns the rewarded pairs with any other verdict.

select
    customer_decisions.partner_id,
    customer_decisions.customer_id,
    rule_results.rule_id,
    rule_results.verdict

from customer_decisions

inner join rule_results
    on
        customer_decisions.customer_id = rule_results.customer_id
        and customer_decisions.partner_id is not distinct from rule_results.partner_id

where
    customer_decisions.reward_amount > 0
    and rule_results.verdict <> 'pass'
