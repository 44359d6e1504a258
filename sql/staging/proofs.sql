-- One proofs file, typed: every record, with its faults named.
--
-- Grain: one row per (source_row).
-- Statuses match in any case and are kept in lower case.

with

typed as (

    select
        *,
        mpn_id_text as mpn_id,
        read_date(submitted_on_text) as submitted_on,
        case
            when lower(status_text) in ('accepted', 'rejected', 'pending')
                then lower(status_text)
        end as status

    from raw_records

),

judged as (

    select
        *,
        mpn_id is null or is_missing(status, status_text) as has_missing_value,
        is_unreadable(submitted_on, submitted_on_text) as has_bad_date,
        is_unreadable(status, status_text) as has_bad_enum

    from typed

)

select
    source_row,
    record,
    mpn_id,
    document_ref_text as document_ref,
    document_sha256_text as document_sha256,
    submitted_on,
    status,
    cast(null as varchar) as quarantined_customer_id,
    mpn_id as quarantined_partner_id,
    cast(null as date) as quarantined_snapshot_date,
    case when is_ragged then 0 else date_style(submitted_on, submitted_on_text) end
        as date_styles,
    case
        when is_ragged then 'ragged_row'
        when has_missing_value or has_bad_date or has_bad_enum
            then concat_ws(
                ',',
                case when has_missing_value then 'missing_value' end,
                case when has_bad_date then 'bad_date' end,
                case when has_bad_enum then 'bad_enum' end
            )
    end as reasons

from judged
