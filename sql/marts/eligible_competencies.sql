-- On which eligibility dates a partner holds a competency that the campaign accepts.
--
-- Grain: one row per (partner_id, eligibility_date) with at least one.
-- Accepted level and status, in force on the date, on the list by then (O3, O4).

select
    competencies.mpn_id as partner_id,
    campaign_eligibility_dates.eligibility_date,
    references_in_order(
        array_agg(
            keyed_reference(
                'competencies',
                competencies.delivered_on,
                competencies.source_file,
                competencies.source_row
            )
        )
    ) as evidence

from competencies

inner join campaign_competencies
    on lower(competencies.competency) = campaign_competencies.competency

inner join campaign_competency_levels
    on competencies.level = campaign_competency_levels.level

inner join campaign_competency_statuses
    on competencies.status = campaign_competency_statuses.status

inner join campaign_eligibility_dates
    on
        competencies.active_from <= campaign_eligibility_dates.eligibility_date
        and (
            competencies.active_to is null
            or competencies.active_to >= campaign_eligibility_dates.eligibility_date
        )
        and (
            campaign_competencies.admitted_from is null
            or campaign_competencies.admitted_from
            <= campaign_eligibility_dates.eligibility_date
        )

group by
    competencies.mpn_id,
    campaign_eligibility_dates.eligibility_date
