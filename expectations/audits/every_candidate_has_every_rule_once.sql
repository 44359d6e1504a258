-- Every candidate is judged by every rule of the campaign, once.
-- Returns the candidates with a rule too many or too few.

select
    candidates.partner_id,
    candidates.customer_id,
    count(rule_results.rule_id) as rules

from candidates

left join rule_results
    on
        candidates.customer_id = rule_results.customer_id
        and candidates.partner_id is not distinct from rule_results.partner_id

group by
    candidates.partner_id,
    candidates.customer_id

having
    count(rule_results.rule_id) <> (select count(*) from campaign_rules)
    or count(distinct rule_results.rule_id) <> count(rule_results.rule_id)
