-- The partners that rules are evaluated for, with the date and the facts that decide.
--
-- Grain: one row per (partner_id) of any candidate; the partner may be null.
-- is_date_to_come: a later eligibility date can still cure what fails today (T5).

with

dates_to_come as (

    select count(campaign_eligibility_dates.eligibility_date) > 0 as is_date_to_come

    from run_dates

    left join campaign_eligibility_dates
        on run_dates.as_of < campaign_eligibility_dates.eligibility_date

),

ids as (

    select distinct partner_id

    from candidates

)

select
    ids.partner_id,
    partner_eligibility.eligibility_date,
    partner_eligibility.has_active_mpn,
    partner_eligibility.has_agreement,
    partner_eligibility.has_competency,
    partner_eligibility.competency_evidence,
    dates_to_come.is_date_to_come

from ids

cross join dates_to_come

left join partner_eligibility
    on ids.partner_id = partner_eligibility.partner_id
