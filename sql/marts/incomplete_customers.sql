-- Customers of whom a row lies in quarantine, so that their seats are not known.
--
-- Grain: one row per (customer_id).
-- A billing row always counts. A usage row counts if it is, or may be, of the measured
-- day and no later delivery holds that day's snapshot.

with

faulty_rows as (

    select
        customer_id,
        row_reference('billing', delivered_on, source_file, source_row) as reference

    from quarantine_billing

    where customer_id is not null

    union all

    select
        quarantine_license_usage.customer_id,
        row_reference(
            'license_usage',
            quarantine_license_usage.delivered_on,
            quarantine_license_usage.source_file,
            quarantine_license_usage.source_row
        ) as reference

    from quarantine_license_usage

    cross join run_dates

    where
        quarantine_license_usage.customer_id is not null
        and (
            quarantine_license_usage.snapshot_date is null
            or quarantine_license_usage.snapshot_date = run_dates.measured_on
        )
        and not exists (
            select 1
            from license_usage
            where
                license_usage.snapshot_date = run_dates.measured_on
                and license_usage.delivered_on > quarantine_license_usage.delivered_on
        )

)

select
    coalesce(customer_identities.customer_id, faulty_rows.customer_id) as customer_id,
    count(*) as faulty_rows,
    references_in_order(
        array_agg(keyed(faulty_rows.reference, faulty_rows.reference))
    ) as evidence

from faulty_rows

left join customer_identities
    on faulty_rows.customer_id = customer_identities.tenant_id

group by coalesce(customer_identities.customer_id, faulty_rows.customer_id)
