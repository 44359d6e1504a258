-- The snapshot of the measured day, beside the last one before that day.
--
-- Grain: one row per (snapshot_date), of which there is one, or none.
-- Of one day the newest delivery that holds it counts.

with

latest as (

    select
        snapshot_date,
        max(delivered_on) as delivered_on

    from usage_totals

    group by snapshot_date

),

days as (

    select
        usage_totals.snapshot_date,
        usage_totals.delivered_on,
        sum(usage_totals.counted_rows) as counted_rows,
        sum(usage_totals.assigned_seats) as assigned_seats

    from usage_totals

    inner join latest
        on
            usage_totals.snapshot_date = latest.snapshot_date
            and usage_totals.delivered_on = latest.delivered_on

    group by
        usage_totals.snapshot_date,
        usage_totals.delivered_on

),

earlier as (

    select max(days.snapshot_date) as snapshot_date

    from days

    cross join run_dates

    where days.snapshot_date < run_dates.measured_on

)

select
    measured.snapshot_date,
    measured.delivered_on,
    measured.counted_rows,
    measured.assigned_seats,
    earlier_day.snapshot_date as earlier_snapshot_date,
    earlier_day.counted_rows as earlier_counted_rows,
    earlier_day.assigned_seats as earlier_assigned_seats

from days as measured

inner join run_dates
    on measured.snapshot_date = run_dates.measured_on

cross join earlier

inner join days as earlier_day
    on earlier.snapshot_date = earlier_day.snapshot_date
