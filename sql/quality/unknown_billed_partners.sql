-- Resellers that invoices name and the partners feed does not.
--
-- Grain: one row per (partner_id).

select
    billed_values.reseller_mpn_id as partner_id,
    cast(sum(billed_values.billing_rows) as bigint) as billing_rows,
    min(billed_values.first_delivered_on) as first_delivered_on

from billed_values

where
    billed_values.reseller_mpn_id is not null
    and not exists (
        select 1
        from partners
        where partners.mpn_id = billed_values.reseller_mpn_id
    )

group by billed_values.reseller_mpn_id
