-- No quarantined billing or usage row names the customer: its seats are known.
--
-- Grain: one row per (partner_id, customer_id).
-- Ours, not the programme's: nobody is paid, or refused, on half the rows.

select
    candidate_seats.partner_id,
    candidate_seats.customer_id,
    case when incomplete_customers.customer_id is null then 'pass' else 'pending' end
        as verdict,
    concat(
        cast(coalesce(incomplete_customers.faulty_rows, 0) as string),
        ' rows in quarantine'
    ) as observed,
    '0 rows in quarantine' as required,
    incomplete_customers.evidence

from candidate_seats

left join incomplete_customers
    on candidate_seats.customer_id = incomplete_customers.customer_id
