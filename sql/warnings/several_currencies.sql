-- The currencies billed in, where there is more than one.
--
-- Grain: one row per (subject), the currency.

with

currencies as (

    select
        upper(currency) as subject,
        cast(sum(billing_rows) as bigint) as found,
        count(*) over () as currencies_billed

    from billed_values

    where currency is not null

    group by upper(currency)

)

select
    subject,
    found

from currencies

where currencies_billed > 1

order by subject asc
