-- Tenants that are known by their top parent, where the campaign reads customers so.
--
-- Grain: one row per (tenant_id) with another top parent; none where tenants count.
-- The row of the newest delivery that counts for a tenant tells its parent.

with

ranked as (

    select
        customer_id,
        top_parent_id,
        row_number() over (
            partition by customer_id
            order by source_file desc, source_row desc
        ) as rank_from_last

    from customers

)

select
    ranked.customer_id as tenant_id,
    ranked.top_parent_id as customer_id

from ranked

cross join campaign

where
    ranked.rank_from_last = 1
    and campaign.customer_identity = 'top_parent'
    and ranked.top_parent_id is not null
    and ranked.top_parent_id <> ranked.customer_id
