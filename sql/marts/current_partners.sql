-- The partners of the newest delivery; of a key that comes twice, the last row.
--
-- Grain: one row per (partner_id).

with

ranked as (

    select
        *,
        row_number() over (
            partition by mpn_id
            order by source_file desc, source_row desc
        ) as rank_from_last

    from partners

)

select
    mpn_id as partner_id,
    partner_name,
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
    row_reference('partners', delivered_on, source_file, source_row) as evidence

from ranked

where rank_from_last = 1
