-- When a candidate's customer first had Dynamics 365, as far as the terms look.
--
-- Grain: one row per (partner_id, customer_id) with purchased seats above 0 ever.
-- With any partner, or with this one alone, as the campaign reads "never before" (F3).

select
    candidates.partner_id,
    candidates.customer_id,
    min(purchase_timeline.from_date) as first_purchased_on

from candidates

cross join campaign

inner join purchase_timeline
    on
        candidates.customer_id = purchase_timeline.customer_id
        and (
            campaign.partner_scope = 'any_partner'
            or candidates.partner_id is not distinct from purchase_timeline.partner_id
        )

where purchase_timeline.seats > 0

group by
    candidates.partner_id,
    candidates.customer_id
