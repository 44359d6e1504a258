-- Who may be paid for whom: partners whose customers had campaign seats in time.
--
-- Grain: one row per (partner_id, customer_id); the partner may be null.
-- Seats above 0 on any day from the campaign's first to the measured date (T1, T3).

select distinct
    seat_timeline.partner_id,
    seat_timeline.customer_id

from seat_timeline

cross join campaign

cross join run_dates

where
    seat_timeline.seats > 0
    and seat_timeline.from_date <= run_dates.measured_on
    and seat_timeline.to_date >= campaign.first_day
    and campaign.first_day <= run_dates.measured_on
