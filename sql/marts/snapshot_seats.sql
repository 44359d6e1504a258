-- Licences assigned at the measured date, per candidate.
--
-- Grain: one row per (partner_id, customer_id) with rows in that day's snapshot.

select
    partner_id,
    customer_id,
    cast(sum(assigned_seats) as bigint) as assigned_seats,
    references_in_order(
        array_agg(
            keyed_reference('license_usage', delivered_on, source_file, source_row)
        )
    ) as evidence

from snapshot_rows

group by
    partner_id,
    customer_id
