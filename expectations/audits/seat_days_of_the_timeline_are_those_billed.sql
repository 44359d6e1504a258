-- No seat is lost or invented between the invoices and the timelines.
-- Returns the totals of seats times days where the two differ.

with

billed as (

    select
        coalesce(
            sum(
                case when is_campaign then seats else 0 end
                * (date_diff('day', from_date, to_date) + 1)
            ),
            0
        ) as campaign_seat_days,
        coalesce(
            sum(
                case when is_purchase then seats else 0 end
                * (date_diff('day', from_date, to_date) + 1)
            ),
            0
        ) as purchase_seat_days

    from seat_rows

),

campaign_timeline as (

    select
        coalesce(sum(seats * (date_diff('day', from_date, to_date) + 1)), 0)
            as seat_days

    from seat_timeline

),

purchases as (

    select
        coalesce(sum(seats * (date_diff('day', from_date, to_date) + 1)), 0)
            as seat_days

    from purchase_timeline

)

select
    billed.campaign_seat_days as billed_campaign_seat_days,
    campaign_timeline.seat_days as campaign_seat_days,
    billed.purchase_seat_days as billed_purchase_seat_days,
    purchases.seat_days as purchase_seat_days

from billed

cross join campaign_timeline

cross join purchases

where
    billed.campaign_seat_days <> campaign_timeline.seat_days
    or billed.purchase_seat_days <> purchases.seat_days
