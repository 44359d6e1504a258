-- Charge types that the reconciliation file is not known to use.
--
-- Grain: one row per (subject), the charge type.
-- Rows of an unknown type count seats like any other; somebody should look.

select
    charge_type as subject,
    cast(sum(billing_rows) as bigint) as found

from billed_values

where
    charge_type is not null
    and lower(charge_type) not in (
        'activation fee',
        'cancel fee',
        'cancelfee',
        'customer credit',
        'cycle charge',
        'cycle fee',
        'cycle instance prorate',
        'cyclecharge',
        'offset a line item',
        'one-time fee',
        'prorate fee',
        'prorate fees when cancel',
        'prorate fees when purchase',
        'prorate fees when renew',
        'prorated fees when cancel',
        'purchase fee',
        'renew',
        'renewal fee',
        'usage fee'
    )

group by charge_type

order by charge_type asc
