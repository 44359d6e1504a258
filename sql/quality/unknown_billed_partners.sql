-- Resellers that invoices name and the partners feed does not.
--
-- Grain: one row per (partner_id).

select
    billing.reseller_mpn_id as partner_id,
    count(*) as billing_rows,
    min(billing.delivered_on) as first_delivered_on

from billing

where
    billing.reseller_mpn_id is not null
    and not exists (
        select 1
        from partners
        where partners.mpn_id = billing.reseller_mpn_id
    )

group by billing.reseller_mpn_id
