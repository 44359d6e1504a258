-- One partners file, typed: every record, with its faults named.
--
-- Grain: one row per (source_row).
-- Only the key is never blank: a blank date means never, or open.

with

typed as (

    select
        *,
        mpn_id_text as mpn_id,
        read_date(mpn_active_from_text) as mpn_active_from,
        read_date(mpn_active_to_text) as mpn_active_to,
        read_date(reseller_agreement_signed_on_text) as reseller_agreement_signed_on,
        read_date(csp_incentive_enrolled_on_text) as csp_incentive_enrolled_on,
        read_date(non_compliant_from_text) as non_compliant_from,
        read_date(non_compliant_to_text) as non_compliant_to,
        read_date(account_verified_on_text) as account_verified_on,
        read_date(terms_accepted_on_text) as terms_accepted_on,
        read_date(payment_profile_completed_on_text) as payment_profile_completed_on,
        read_date(tax_profile_completed_on_text) as tax_profile_completed_on

    from raw_records

),

judged as (

    select
        *,
        mpn_id is null as has_missing_value,
        is_unreadable(mpn_active_from, mpn_active_from_text)
        or is_unreadable(mpn_active_to, mpn_active_to_text)
        or is_unreadable(
            reseller_agreement_signed_on, reseller_agreement_signed_on_text
        )
        or is_unreadable(csp_incentive_enrolled_on, csp_incentive_enrolled_on_text)
        or is_unreadable(non_compliant_from, non_compliant_from_text)
        or is_unreadable(non_compliant_to, non_compliant_to_text)
        or is_unreadable(account_verified_on, account_verified_on_text)
        or is_unreadable(terms_accepted_on, terms_accepted_on_text)
        or is_unreadable(
            payment_profile_completed_on, payment_profile_completed_on_text
        )
        or is_unreadable(tax_profile_completed_on, tax_profile_completed_on_text)
            as has_bad_date

    from typed

)

select
    source_row,
    record,
    mpn_id,
    partner_name_text as partner_name,
    contact_email_text as contact_email,
    country_text as country,
    mpn_active_from,
    mpn_active_to,
    reseller_agreement_signed_on,
    csp_incentive_enrolled_on,
    non_compliant_from,
    non_compliant_to,
    account_verified_on,
    terms_accepted_on,
    payment_profile_completed_on,
    tax_profile_completed_on,
    cast(null as varchar) as quarantined_customer_id,
    mpn_id as quarantined_partner_id,
    cast(null as date) as quarantined_snapshot_date,
    case
        when is_ragged then 0
        else
            date_style(mpn_active_from, mpn_active_from_text)
            | date_style(mpn_active_to, mpn_active_to_text)
            | date_style(
                reseller_agreement_signed_on, reseller_agreement_signed_on_text
            )
            | date_style(csp_incentive_enrolled_on, csp_incentive_enrolled_on_text)
            | date_style(non_compliant_from, non_compliant_from_text)
            | date_style(non_compliant_to, non_compliant_to_text)
            | date_style(account_verified_on, account_verified_on_text)
            | date_style(terms_accepted_on, terms_accepted_on_text)
            | date_style(
                payment_profile_completed_on, payment_profile_completed_on_text
            )
            | date_style(tax_profile_completed_on, tax_profile_completed_on_text)
    end as date_styles,
    case
        when is_ragged then 'ragged_row'
        when has_missing_value or has_bad_date
            then concat_ws(
                ',',
                case when has_missing_value then 'missing_value' end,
                case when has_bad_date then 'bad_date' end
            )
    end as reasons

from judged
