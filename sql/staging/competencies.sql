-- One competencies file, typed: every record, with its faults named.
--
-- Grain: one row per (source_row).
-- Levels and statuses match in any case and are kept in lower case.

with

typed as (

    select
        *,
        mpn_id_text as mpn_id,
        competency_text as competency,
        case
            when lower(level_text) in ('gold', 'silver')
                then lower(level_text)
        end as level,
        case
            when
                lower(status_text)
                in ('started', 'qualified', 'active', 'at risk')
                then lower(status_text)
        end as status,
        read_date(active_from_text) as active_from,
        read_date(active_to_text) as active_to

    from raw_records

),

judged as (

    select
        *,
        mpn_id is null
        or competency is null
        or is_missing(level, level_text)
        or is_missing(status, status_text)
            as has_missing_value,
        is_unreadable(active_from, active_from_text)
        or is_unreadable(active_to, active_to_text)
            as has_bad_date,
        is_unreadable(level, level_text)
        or is_unreadable(status, status_text)
            as has_bad_enum

    from typed

)

select
    source_row,
    record,
    mpn_id,
    competency,
    level,
    status,
    active_from,
    active_to,
    cast(null as varchar) as quarantined_customer_id,
    mpn_id as quarantined_partner_id,
    cast(null as date) as quarantined_snapshot_date,
    case
        when is_ragged then 0
        else
            date_style(active_from, active_from_text)
            | date_style(active_to, active_to_text)
    end as date_styles,
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
