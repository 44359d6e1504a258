-- Every candidate has one decision, and nobody else has any.
-- Returns the pairs that are on one side only, or twice.

with

pairs as (

    select
        partner_id,
        customer_id,
        1 as as_candidate,
        0 as as_decision

    from candidates

    union all

    select
        partner_id,
        customer_id,
        0 as as_candidate,
        1 as as_decision

    from customer_decisions

)

select
    partner_id,
    customer_id,
    sum(as_candidate) as candidates,
    sum(as_decision) as decisions

from pairs

group by
    partner_id,
    customer_id

having sum(as_candidate) <> 1 or sum(as_decision) <> 1
