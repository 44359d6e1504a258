-- What the newest regular billing delivery comes to, beside the one before it.
--
-- Grain: one row per (delivered_on), of which there is one, or none.
-- A delivery of less than a tenth of the rows of the largest one restates a few
-- invoices: it is compared with nothing.

with

deliveries_billed as (

    select
        delivered_on,
        sum(validated_rows) as validated_rows,
        sum(rows_with_reseller) as rows_with_reseller,
        sum(seats) as seats,
        sum(turnover) as turnover

    from invoice_totals

    group by delivered_on

),

regular as (

    select
        *,
        row_number() over (order by delivered_on desc) as place

    from deliveries_billed

    where
        validated_rows * 10
        >= (select max(every_one.validated_rows) from deliveries_billed as every_one)

)

select
    newest.delivered_on,
    newest.validated_rows,
    newest.rows_with_reseller,
    newest.seats,
    newest.turnover,
    earlier.delivered_on as earlier_delivered_on,
    earlier.validated_rows as earlier_validated_rows,
    earlier.rows_with_reseller as earlier_rows_with_reseller,
    earlier.seats as earlier_seats,
    earlier.turnover as earlier_turnover

from regular as newest

inner join regular as earlier
    on earlier.place = 2

where newest.place = 1
