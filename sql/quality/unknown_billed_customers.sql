-- Customers that invoices name and the customers feed does not.
--
-- Grain: one row per (customer_id).

select
    billed_customers.customer_id,
    cast(sum(billed_customers.billing_rows) as bigint) as billing_rows,
    min(billed_customers.first_delivered_on) as first_delivered_on

from billed_customers

where
    not exists (
        select 1
        from customers
        where customers.customer_id = billed_customers.customer_id
    )

group by billed_customers.customer_id
