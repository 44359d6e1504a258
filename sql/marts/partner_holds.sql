-- What is still missing before a partner can be paid; a hold is not a loss.
--
-- Grain: one row per (partner_id, hold_reason) that is missing.
-- Each step is done if it is dated on or before the day that the run knows of (S4);
-- the bank account, if it is valid (T4).

with

steps as (

    select
        candidate_partners.partner_id,
        campaign_holds.hold_reason,
        campaign_holds.position,
        case campaign_holds.hold_reason
            when 'account_verified' then current_partners.account_verified_on
            when 'terms_accepted' then current_partners.terms_accepted_on
            when 'payment_profile' then current_partners.payment_profile_completed_on
            when 'tax_profile' then current_partners.tax_profile_completed_on
        end as done_on,
        current_bank_accounts.partner_id is not null
        and current_bank_accounts.account_problem is null
            as has_valid_account

    from candidate_partners

    cross join campaign_holds

    left join current_partners
        on candidate_partners.partner_id = current_partners.partner_id

    left join current_bank_accounts
        on candidate_partners.partner_id = current_bank_accounts.partner_id

    where candidate_partners.partner_id is not null

)

select
    steps.partner_id,
    steps.hold_reason,
    steps.position

from steps

cross join run_dates

where
    not case
        when steps.hold_reason = 'bank_account' then steps.has_valid_account
        else coalesce(steps.done_on <= run_dates.known_at, false)
    end
