-- Customers that invoices name and the customers feed does not.
--
-- Grain: one row per (customer_id).

select
    billing.customer_id,
    count(*) as billing_rows,
    min(billing.delivered_on) as first_delivered_on

from billing

where
    not exists (
        select 1
        from customers
        where customers.customer_id = billing.customer_id
    )

group by billing.customer_id
