-- What each partner earned, and whether it can be paid now.
--
-- Grain: one row per (partner_id) with any candidate.
-- Below the minimum is forfeited (F6); without a maximum. Adjustments are the
-- ledger's: a run alone has none.

with

earned as (

    select
        partner_id,
        cast(
            sum(case when decision = 'qualified' then 1 else 0 end) as bigint
        ) as qualified_customers,
        cast(sum(case when decision = 'pending' then 1 else 0 end) as bigint)
            as pending_customers,
        cast(sum(reward_amount) as decimal(18, 2)) as earned_amount

    from customer_decisions

    where partner_id is not null

    group by partner_id

),

holds as (

    select
        partner_id,
        ids_in_order(
            array_agg(keyed(lpad(cast(position as string), 9, '0'), hold_reason))
        ) as hold_reasons

    from partner_holds

    group by partner_id

),

judged as (

    select
        earned.partner_id,
        current_partners.partner_name,
        earned.qualified_customers,
        earned.pending_customers,
        earned.earned_amount,
        holds.hold_reasons,
        case
            when earned.earned_amount = 0 then 'nil'
            when earned.earned_amount < campaign.minimum_payout_amount then 'forfeited'
            when holds.hold_reasons is not null then 'held'
            else 'payable'
        end as status

    from earned

    cross join campaign

    left join current_partners
        on earned.partner_id = current_partners.partner_id

    left join holds
        on earned.partner_id = holds.partner_id

)

select
    campaign.campaign_id,
    run_dates.as_of,
    judged.partner_id,
    judged.partner_name,
    judged.qualified_customers,
    judged.pending_customers,
    judged.earned_amount,
    judged.status,
    case when judged.status = 'held' then judged.hold_reasons end as hold_reasons,
    case
        when judged.status = 'payable' then judged.earned_amount
        else cast(0 as decimal(18, 2))
    end as payable_amount,
    campaign.currency,
    campaign.pay_by_on as pay_by

from judged

cross join campaign

cross join run_dates

order by judged.partner_id asc nulls last
