-- The customers that invoices name, by each of their names.
--
-- Grain: one row per (customer_id, customer_name); the name may be null.

select
    customer_id,
    customer_name,
    count(*) as billing_rows,
    min(delivered_on) as first_delivered_on

from billing

group by
    customer_id,
    customer_name
