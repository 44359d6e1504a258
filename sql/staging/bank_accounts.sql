-- One bank accounts file, judged: whether each record is a usable account.
--
-- Grain: one row per (source_row).
-- Account numbers stay behind: account_problems says per record what is wrong with
-- the account, null for a valid one, and is worked out beside this model.

with

typed as (

    select
        *,
        mpn_id_text as mpn_id,
        read_date(changed_on_text) as changed_on

    from raw_records

),

judged as (

    select
        *,
        mpn_id is null as has_missing_value,
        is_unreadable(changed_on, changed_on_text) as has_bad_date

    from typed

)

select
    judged.source_row,
    judged.record,
    judged.mpn_id,
    trimmed(judged.bank_country_text) as bank_country,
    trimmed(judged.currency_text) as currency,
    trimmed(judged.country_text) as country,
    judged.changed_on,
    account_problems.account_problem,
    cast(null as varchar) as quarantined_customer_id,
    case when not judged.is_ragged then judged.mpn_id end
        as quarantined_partner_id,
    cast(null as date) as quarantined_snapshot_date,
    case
        when judged.is_ragged then 0
        else date_style(judged.changed_on, judged.changed_on_text)
    end as date_styles,
    case
        when judged.is_ragged then 'ragged_row'
        when judged.has_missing_value or judged.has_bad_date
            then concat_ws(
                ',',
                case when judged.has_missing_value then 'missing_value' end,
                case when judged.has_bad_date then 'bad_date' end
            )
    end as reasons

from judged

left join account_problems
    on judged.source_row = account_problems.source_row
