-- On any day a subscription has one number of seats.
-- Returns the stretches that begin before the one before them has ended.

with

neighbours as (

    select
        customer_id,
        subscription_id,
        from_date,
        to_date,
        lag(to_date) over (
            partition by customer_id, subscription_id order by from_date
        ) as earlier_to_date

    from seat_timeline

)

select
    customer_id,
    subscription_id,
    from_date,
    to_date,
    earlier_to_date

from neighbours

where
    from_date <= earlier_to_date
    or to_date < from_date
