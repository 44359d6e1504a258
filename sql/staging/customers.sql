-- One customers file, typed: every record, with its faults named.
--
-- Grain: one row per (source_row).
-- Only the key is never blank; a segment may be anything.

with

typed as (

    select
        *,
        read_guid(customer_id_text) as customer_id,
        read_guid(top_parent_id_text) as top_parent_id

    from raw_records

),

judged as (

    select
        *,
        is_missing(customer_id, customer_id_text) as has_missing_value,
        is_unreadable(customer_id, customer_id_text)
        or is_unreadable(top_parent_id, top_parent_id_text)
            as has_bad_guid

    from typed

)

select
    source_row,
    record,
    customer_id,
    top_parent_id,
    customer_name_text as customer_name,
    segment_text as segment,
    country_text as country,
    customer_id as quarantined_customer_id,
    cast(null as varchar) as quarantined_partner_id,
    cast(null as date) as quarantined_snapshot_date,
    0 as date_styles,
    case
        when is_ragged then 'ragged_row'
        when has_missing_value or has_bad_guid
            then concat_ws(
                ',',
                case when has_bad_guid then 'bad_guid' end,
                case when has_missing_value then 'missing_value' end
            )
    end as reasons

from judged
