-- The first day on which a subscription had campaign seats.
--
-- Grain: one row per (customer_id, subscription_id) that ever had seats above 0.

select
    customer_id,
    subscription_id,
    partner_id,
    min(from_date) as started_on

from seat_timeline

where seats > 0

group by
    customer_id,
    subscription_id,
    partner_id
