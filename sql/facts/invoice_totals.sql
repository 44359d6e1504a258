-- What each invoice in force comes to, and a digest of its rows whatever their order.
--
-- Grain: one row per (delivered_on, source_file).
-- Two invoices with one digest hold the same rows. The turnover is what was charged and
-- what was credited, so that a month of cancellations does not look like an empty one.
-- A total is off where subtotal and tax do not add up to it. A price is off where the
-- unit price times the quantity is off by more than half a cent per unit and half a
-- cent; credits carry one sign or two, so that signs are left out. No column is of a
-- type that Parquet does not have.

select
    delivered_on,
    source_file,
    count(*) as validated_rows,
    cast(sum(cast(source_row as bigint)) as bigint) as source_rows_sum,
    count(reseller_mpn_id) as rows_with_reseller,
    cast(sum(case when amount < 0 then -quantity else quantity end) as bigint)
        as seats,
    cast(sum(cast(quantity as bigint)) as bigint) as quantity,
    cast(sum(amount) as decimal(38, 2)) as amount,
    cast(sum(total_for_customer) as decimal(38, 2)) as total_for_customer,
    cast(sum(abs(amount)) as decimal(38, 2)) as turnover,
    cast(
        sum(
            case
                when
                    abs(
                        cast(subtotal as decimal(28, 2))
                        + cast(tax as decimal(28, 2))
                        - cast(total_for_customer as decimal(28, 2))
                    )
                    > cast(0.01 as decimal(28, 2))
                    then 1
                else 0
            end
        ) as bigint
    ) as rows_off_total,
    cast(
        sum(
            case
                when
                    abs(
                        abs(cast(unit_price as decimal(28, 6))) * quantity
                        - abs(cast(amount as decimal(28, 6)))
                    )
                    > cast(0.005 as decimal(28, 6)) * (cast(quantity as bigint) + 1)
                    then 1
                else 0
            end
        ) as bigint
    ) as rows_off_price,
    cast(
        sum(
            case
                when charge_start_date > delivered_on + interval '31' day then 1
                else 0
            end
        ) as bigint
    ) as rows_ahead,
    cast(
        sum(
            cast(
                hash(
                    customer_id,
                    syndication_partner_subscription_number,
                    durable_offer_id,
                    charge_start_date,
                    charge_end_date,
                    quantity,
                    amount
                ) as decimal(38, 0)
            )
        ) as decimal(38, 0)
    ) as rows_digest

from billing

group by
    delivered_on,
    source_file
