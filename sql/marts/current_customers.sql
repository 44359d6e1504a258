-- The customers of the newest delivery; of a key that comes twice, the last row.
--
-- Grain: one row per (customer_id). Of a customer that is known by its top parent, the
-- parent's own row counts, if there is one.

with

ranked as (

    select
        coalesce(customer_identities.customer_id, customers.customer_id)
            as customer_id,
        customers.segment,
        customers.delivered_on,
        customers.source_file,
        customers.source_row,
        row_number() over (
            partition by
                coalesce(customer_identities.customer_id, customers.customer_id)
            order by
                case when customer_identities.customer_id is null then 0 else 1 end asc,
                customers.source_file desc,
                customers.source_row desc
        ) as rank_from_last

    from customers

    left join customer_identities
        on customers.customer_id = customer_identities.tenant_id

)

select
    customer_id,
    segment,
    row_reference('customers', delivered_on, source_file, source_row) as evidence

from ranked

where rank_from_last = 1
