-- Files in which an amount is not the unit price times the quantity.
--
-- Grain: one row per (subject), the file.

select
    concat('billing/', cast(delivered_on as varchar), '/', source_file) as subject,
    rows_off_price as found

from invoice_totals

where rows_off_price > 0

order by
    delivered_on asc,
    source_file asc
