-- F3: the customer is of the campaign's segment.
--
-- Grain: one row per (partner_id, customer_id).
-- A customer that the feed lacks, or without a segment, is pending.

select
    candidate_seats.partner_id,
    candidate_seats.customer_id,
    case
        when current_customers.segment is null then 'pending'
        when lower(current_customers.segment) = campaign.segment then 'pass'
        else 'fail'
    end as verdict,
    case
        when current_customers.customer_id is null then 'customer not listed'
        else concat('segment ', coalesce(current_customers.segment, 'blank'))
    end as observed,
    concat('segment ', upper(campaign.segment)) as required,
    current_customers.evidence

from candidate_seats

cross join campaign

left join current_customers
    on candidate_seats.customer_id = current_customers.customer_id
