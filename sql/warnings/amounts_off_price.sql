-- Files in which an amount is not the unit price times the quantity.
--
-- Grain: one row per (subject), the file.
-- Off by more than half a cent per unit and half a cent; credits carry one sign or
-- two, so that signs are left out.

select
    concat('billing/', cast(delivered_on as varchar), '/', source_file) as subject,
    count(*) as found

from billing

where
    abs(
        abs(cast(unit_price as decimal(28, 6))) * quantity
        - abs(cast(amount as decimal(28, 6)))
    )
    > cast(0.005 as decimal(28, 6)) * (cast(quantity as bigint) + 1)

group by
    delivered_on,
    source_file

order by
    delivered_on asc,
    source_file asc
