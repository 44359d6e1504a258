-- The resellers, charge types and currencies that invoices name.
--
-- Grain: one row per (reseller_mpn_id, charge_type, currency); each may be null.

select
    reseller_mpn_id,
    charge_type,
    currency,
    count(*) as billing_rows,
    min(delivered_on) as first_delivered_on

from billing

group by
    reseller_mpn_id,
    charge_type,
    currency
