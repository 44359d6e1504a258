-- Licences assigned at the measured date, per candidate.
--
-- Grain: one row per (partner_id, customer_id) with rows in that day's snapshot.

select
    partner_id,
    customer_id,
    cast(sum(assigned_seats) as bigint) as assigned_seats,
    string_agg(
        concat(
            'license_usage/',
            cast(delivered_on as varchar),
            '/',
            source_file,
            ':',
            cast(source_row as varchar)
        ),
        '; '
        order by source_file, source_row
    ) as evidence

from snapshot_rows

group by
    partner_id,
    customer_id
