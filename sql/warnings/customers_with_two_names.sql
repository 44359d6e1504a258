-- Customer ids that invoices give more than one name.
--
-- Grain: one row per (subject), the customer id.

select
    customer_id as subject,
    count(distinct customer_name) as found

from billed_customers

where customer_name is not null

group by customer_id

having min(customer_name) <> max(customer_name)

order by customer_id asc
