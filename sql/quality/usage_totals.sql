-- What each file of licence usage says of each day, and a digest of its rows.
--
-- Grain: one row per (delivered_on, source_file, snapshot_date).
-- Copies are left out: they count for nothing.

select
    delivered_on,
    source_file,
    snapshot_date,
    count(*) as counted_rows,
    sum(cast(assigned_seats as hugeint)) as assigned_seats,
    sum(cast(hash(customer_tenant_id, subscription_id, assigned_seats) as hugeint))
        as rows_digest

from license_usage

where not is_duplicate_row_for_pga

group by
    delivered_on,
    source_file,
    snapshot_date
