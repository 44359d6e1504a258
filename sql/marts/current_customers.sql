-- The customers of the newest delivery; of a key that comes twice, the last row.
--
-- Grain: one row per (customer_id).

with

ranked as (

    select
        customer_id,
        segment,
        delivered_on,
        source_file,
        source_row,
        row_number() over (
            partition by customer_id
            order by source_file desc, source_row desc
        ) as rank_from_last

    from customers

)

select
    customer_id,
    segment,
    concat(
        'customers/',
        cast(delivered_on as varchar),
        '/',
        source_file,
        ':',
        cast(source_row as varchar)
    ) as evidence

from ranked

where rank_from_last = 1
