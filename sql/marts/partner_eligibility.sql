-- The eligibility date that is used for each partner, and what holds on it.
--
-- Grain: one row per (partner_id) listed, once an eligibility date has come.
-- Of the dates that are not after the business date, the one on which most of
-- membership, agreement and competency hold; the later on a tie (T5).

with

dated as (

    select
        current_partners.partner_id,
        campaign_eligibility_dates.eligibility_date,
        coalesce(
            current_partners.mpn_active_from
            <= campaign_eligibility_dates.eligibility_date
            and coalesce(
                current_partners.mpn_active_to
                >= campaign_eligibility_dates.eligibility_date,
                true
            ),
            false
        ) as has_active_mpn,
        coalesce(
            current_partners.reseller_agreement_signed_on
            <= campaign_eligibility_dates.eligibility_date,
            false
        ) as has_agreement,
        eligible_competencies.partner_id is not null as has_competency,
        eligible_competencies.evidence as competency_evidence

    from current_partners

    cross join run_dates

    inner join campaign_eligibility_dates
        on run_dates.as_of >= campaign_eligibility_dates.eligibility_date

    left join eligible_competencies
        on
            current_partners.partner_id = eligible_competencies.partner_id
            and campaign_eligibility_dates.eligibility_date
            = eligible_competencies.eligibility_date

),

ranked as (

    select
        partner_id,
        eligibility_date,
        has_active_mpn,
        has_agreement,
        has_competency,
        competency_evidence,
        row_number() over (
            partition by partner_id
            order by
                case when has_active_mpn then 1 else 0 end
                + case when has_agreement then 1 else 0 end
                + case when has_competency then 1 else 0 end desc,
                eligibility_date desc
        ) as preference

    from dated

)

select
    partner_id,
    eligibility_date,
    has_active_mpn,
    has_agreement,
    has_competency,
    competency_evidence

from ranked

where preference = 1
