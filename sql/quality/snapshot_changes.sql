-- The rows of each full snapshot, beside those of the delivery before it.
--
-- Grain: one row per (feed) that is a full snapshot and has a delivery.
-- Rows are counted as they were read; nothing is known of the values of a delivery
-- that is not in force.

with

current_rows as (

    select
        file_rows.feed,
        file_rows.delivered_on,
        sum(file_rows.rows_read) as rows_read

    from file_rows

    where file_rows.feed not in ('billing', 'license_usage')

    group by
        file_rows.feed,
        file_rows.delivered_on

)

select
    current_rows.feed,
    current_rows.delivered_on,
    current_rows.rows_read,
    earlier_deliveries.delivered_on as earlier_delivered_on,
    earlier_deliveries.rows_read as earlier_rows_read,
    coalesce(earlier_deliveries.has_same_bytes, false) as has_same_bytes

from current_rows

left join earlier_deliveries
    on current_rows.feed = earlier_deliveries.feed
