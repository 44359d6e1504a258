-- One licence usage file, typed: every record, with its faults named.
--
-- Grain: one row per (source_row).
-- Rows that the sender flags as copies are validated like any other.

with

typed as (

    select
        *,
        read_date(snapshot_date_text) as snapshot_date,
        read_guid(customer_tenant_id_text) as customer_tenant_id,
        read_guid(subscription_id_text) as subscription_id,
        read_whole(available_seats_text, has_decimal_comma) as available_seats,
        read_whole(assigned_seats_text, has_decimal_comma) as assigned_seats,
        case is_duplicate_row_for_pga_text
            when '1' then true
            when '0' then false
        end as is_duplicate_row_for_pga

    from raw_records

),

judged as (

    select
        *,
        is_missing(snapshot_date, snapshot_date_text)
        or is_missing(customer_tenant_id, customer_tenant_id_text)
        or is_missing(subscription_id, subscription_id_text)
        or is_missing(assigned_seats, assigned_seats_text)
        or is_missing(is_duplicate_row_for_pga, is_duplicate_row_for_pga_text)
            as has_missing_value,
        is_unreadable(customer_tenant_id, customer_tenant_id_text)
        or is_unreadable(subscription_id, subscription_id_text)
            as has_bad_guid,
        is_unreadable(snapshot_date, snapshot_date_text) as has_bad_date,
        is_unreadable(available_seats, available_seats_text)
        or is_unreadable(assigned_seats, assigned_seats_text)
            as has_bad_number,
        coalesce(available_seats < 0, false)
        or coalesce(assigned_seats < 0, false)
            as has_negative_quantity,
        is_unreadable(is_duplicate_row_for_pga, is_duplicate_row_for_pga_text)
            as has_bad_enum

    from typed

)

select
    source_row,
    record,
    snapshot_date,
    customer_tenant_id,
    subscription_id,
    sku_id_text as sku_id,
    mpn_id_text as mpn_id,
    available_seats,
    assigned_seats,
    is_duplicate_row_for_pga,
    customer_tenant_id as quarantined_customer_id,
    mpn_id_text as quarantined_partner_id,
    case when not is_ragged then snapshot_date end as quarantined_snapshot_date,
    case when is_ragged then 0 else date_style(snapshot_date, snapshot_date_text) end
        as date_styles,
    case
        when is_ragged then 'ragged_row'
        when
            has_missing_value
            or has_bad_guid
            or has_bad_date
            or has_bad_number
            or has_negative_quantity
            or has_bad_enum
            then concat_ws(
                ',',
                case when has_bad_guid then 'bad_guid' end,
                case when has_missing_value then 'missing_value' end,
                case when has_bad_date then 'bad_date' end,
                case when has_bad_number then 'bad_number' end,
                case when has_negative_quantity then 'negative_quantity' end,
                case when has_bad_enum then 'bad_enum' end
            )
    end as reasons

from judged
