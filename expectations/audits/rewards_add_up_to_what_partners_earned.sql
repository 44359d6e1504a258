-- The rewards of all decisions are the earnings of all partners, to the cent.
-- Returns both totals where they differ.

with

rewarded as (

    select coalesce(sum(reward_amount), 0) as amount

    from customer_decisions

),

earned as (

    select coalesce(sum(earned_amount), 0) as amount

    from partner_payouts

)

select
    rewarded.amount as rewarded_amount,
    earned.amount as earned_amount

from rewarded

cross join earned

where rewarded.amount <> earned.amount
