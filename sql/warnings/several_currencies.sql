-- The currencies billed in, where there is more than one.
--
-- Grain: one row per (subject), the currency.

with

currencies as (

    select
        upper(currency) as subject,
        count(*) as found,
        count(*) over () as currencies_billed

    from billing

    where currency is not null

    group by upper(currency)

)

select
    subject,
    found

from currencies

where currencies_billed > 1

order by subject asc
