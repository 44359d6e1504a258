"""What an auditor can hold against each other with DuckDB alone, as SELECTs of a run.

Each one is a sentence that must hold, and a SELECT of what contradicts it.
"""

from __future__ import annotations

Check = tuple[str, str]

SUMS = """(
    select substr(line, 1, 64) as sha256, substr(line, 67) as name
    from read_csv(
        'SHA256SUMS', header = false, auto_detect = false, delim = '\\t', quote = '',
        columns = {'line': 'varchar'}
    )
)"""
_MANIFEST = "read_text('run/manifest.json')"

RUN_CHECKS: tuple[Check, ...] = (
    (
        "Every file of the run has the bytes that its manifest promises.",
        f"""
select promised.name as difference
from (
    select outputs, unnest(json_keys(outputs)) as name
    from (select content -> '$.outputs' as outputs from {_MANIFEST})
) as promised
left join {SUMS} as found on found.name = 'run/' || promised.name
where found.sha256 is distinct from
    json_extract_string(promised.outputs, '$."' || promised.name || '".sha256')
""",
    ),
    (
        "No row was lost: of every file, rows read are rows validated and quarantined.",
        """
select feed || '/' || delivery || '/' || file as difference
from read_json('inputs.json')
where rows is not null and rows <> validated + quarantined
""",
    ),
    (
        "Every decision follows from its rules.",
        """
with counted as (
    select
        partner_id, customer_id,
        list(rule_id order by rule_id) filter (where verdict = 'fail') as failed,
        list(rule_id order by rule_id) filter (where verdict = 'pending') as pending
    from 'run/rule_results.parquet'
    group by all
)
select decisions.customer_id as difference
from 'run/customer_decisions.parquet' as decisions
left join counted
    on decisions.customer_id = counted.customer_id
    and decisions.partner_id is not distinct from counted.partner_id
where
    list_sort(decisions.failed_rules) <> coalesce(counted.failed, [])
    or list_sort(decisions.pending_rules) <> coalesce(counted.pending, [])
    or decisions.decision <> case
        when counted.failed is not null then 'not_qualified'
        when counted.pending is not null then 'pending'
        else 'qualified'
    end
""",
    ),
    (
        "Who qualifies earns the reward of the terms, and nobody else earns anything.",
        f"""
select decisions.customer_id as difference
from 'run/customer_decisions.parquet' as decisions
cross join (
    select cast(
        content ->> '$.terms.reward.amount_per_customer.value' as decimal(18, 2)
    ) as amount
    from {_MANIFEST}
) as reward
where decisions.reward_amount <> case
    when decisions.decision = 'qualified' then reward.amount else 0
end
""",
    ),
    (
        "No customer is paid for twice.",
        """
select customer_id as difference
from 'run/customer_decisions.parquet'
where decision = 'qualified'
group by customer_id
having count(*) > 1
""",
    ),
    (
        "Each partner earns the sum of its rewards, and is paid all of it or nothing.",
        """
with earned as (
    select partner_id, sum(reward_amount) as amount
    from 'run/customer_decisions.parquet'
    where partner_id is not null
    group by partner_id
)
select coalesce(payouts.partner_id, earned.partner_id) as difference
from 'run/partner_payouts.parquet' as payouts
full join earned on payouts.partner_id = earned.partner_id
where
    payouts.earned_amount is distinct from earned.amount
    or payouts.payable_amount <> case
        when payouts.status = 'payable' then payouts.earned_amount else 0
    end
""",
    ),
    (
        "Billed seats are those of the seat timeline on the measured date, unless the "
        "terms look at each product alone.",
        f"""
with measured as (
    select
        timeline.partner_id, timeline.customer_id,
        cast(sum(timeline.seats) as bigint) as seats
    from 'run/seat_timeline.parquet' as timeline
    cross join (
        select cast(content ->> '$.measured_on' as date) as measured_on
        from {_MANIFEST}
    ) as run
    where run.measured_on between timeline.from_date and timeline.to_date
    group by all
)
select decisions.customer_id as difference
from 'run/customer_decisions.parquet' as decisions
left join measured
    on decisions.customer_id = measured.customer_id
    and decisions.partner_id is not distinct from measured.partner_id
cross join (
    select content ->> '$.terms.seats.scope.value' as seat_scope from {_MANIFEST}
) as terms
where
    terms.seat_scope = 'across_products'
    and decisions.billed_seats <> coalesce(measured.seats, 0)
""",
    ),
    (
        "Seats pass where there are as many as the terms ask for, and nowhere else.",
        f"""
select results.customer_id as difference
from 'run/rule_results.parquet' as results
inner join 'run/customer_decisions.parquet' as decisions
    on results.customer_id = decisions.customer_id
    and results.partner_id is not distinct from decisions.partner_id
cross join (
    select
        cast(content ->> '$.terms.seats.minimum.value' as bigint) as minimum_seats,
        content ->> '$.terms.seats.required_of.value' as required_of
    from {_MANIFEST}
) as terms
where
    (
        results.rule_id = 'billed_seats'
        and (results.verdict = 'pass') <> (
            terms.required_of = 'assigned_only'
            or decisions.billed_seats >= terms.minimum_seats
        )
    )
    or (
        results.rule_id = 'assigned_seats'
        and (results.verdict = 'pass') <> (
            terms.required_of = 'billed_only'
            or coalesce(decisions.assigned_seats, 0) >= terms.minimum_seats
        )
    )
""",
    ),
    (
        "Customers are new where nothing was purchased before the campaign: with any "
        "partner, or with this one, as the terms say.",
        f"""
with terms as (
    select
        cast(content ->> '$.terms.window.first_day.value' as date) as first_day,
        content ->> '$.terms.new_customer.partner_scope.value' as partner_scope
    from {_MANIFEST}
)
select results.customer_id as difference
from 'run/rule_results.parquet' as results
cross join terms
where
    results.rule_id = 'new_to_dynamics'
    and (results.verdict = 'pass') = exists (
        from 'run/purchase_timeline.parquet' as timeline
        where
            timeline.customer_id = results.customer_id
            and timeline.seats > 0
            and timeline.from_date < terms.first_day
            and (
                terms.partner_scope = 'any_partner'
                or timeline.partner_id is not distinct from results.partner_id
            )
    )
""",
    ),
)
