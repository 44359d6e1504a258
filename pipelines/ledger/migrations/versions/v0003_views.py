"""Batches, payments and balances: read off the entries, stored nowhere."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

VIEWS = {
    # One row per batch.
    "batches": """
        select
            prepared.sequence, prepared.campaign_id, prepared.batch_id,
            prepared.message_id, prepared.run_id, prepared.payments,
            prepared.amount_cents, prepared.currency, prepared.file_sha256,
            prepared.facts, prepared.who as prepared_by,
            approved.who as approved_by, released.who as released_by,
            case when confirmed.sequence is null then 0 else 1 end as is_confirmed
        from entries prepared
        left join entries approved
            on approved.batch_id = prepared.batch_id and approved.kind = 'approve'
        left join entries released
            on released.batch_id = prepared.batch_id and released.kind = 'release'
        left join entries confirmed
            on confirmed.batch_id = prepared.batch_id and confirmed.kind = 'confirm'
        where prepared.kind = 'prepare'""",
    # One row per payment. What came last counts; an end, such as a return, is final.
    "payments": """
        select
            instructed.sequence, instructed.campaign_id, instructed.batch_id,
            instructed.partner_id, instructed.end_to_end_id, instructed.uetr,
            instructed.amount_cents, instructed.currency, instructed.run_id,
            instructed.facts,
            case
                when ended.kind = 'return' then 'returned'
                when ended.kind = 'reject' then 'rejected'
                when settled.sequence is not null then 'settled'
                when accepted.sequence is not null then 'accepted'
                when released.sequence is not null then 'released'
                when approved.sequence is not null then 'approved'
                else 'prepared'
            end as state,
            ended.reason
        from entries instructed
        left join entries ended
            on ended.end_to_end_id = instructed.end_to_end_id
            and ended.kind in ('reject', 'return')
        left join entries settled
            on settled.end_to_end_id = instructed.end_to_end_id
            and settled.kind = 'settle'
        left join entries accepted
            on accepted.end_to_end_id = instructed.end_to_end_id
            and accepted.kind = 'accept'
        left join entries released
            on released.batch_id = instructed.batch_id and released.kind = 'release'
        left join entries approved
            on approved.batch_id = instructed.batch_id and approved.kind = 'approve'
        where instructed.kind = 'instruct'""",
    # One row per campaign, partner and customer. Paid: instructed and not come back.
    "customer_balances": """
        select
            entries.campaign_id, entries.partner_id, line.customer_id,
            cast(sum(case
                when entries.kind = 'earn' then line.amount_cents
                when entries.kind = 'adjust' then -line.amount_cents
                else 0
            end) as bigint) as earned_cents,
            cast(sum(case
                when entries.kind = 'net' then line.amount_cents
                when entries.kind = 'instruct' and ended.sequence is null
                    then line.amount_cents
                else 0
            end) as bigint) as paid_cents
        from entries
        inner join entry_customers line on entries.sequence = line.sequence
        left join entries ended
            on ended.end_to_end_id = entries.end_to_end_id
            and ended.kind in ('reject', 'return')
        where entries.kind in ('earn', 'adjust', 'net', 'instruct')
        group by entries.campaign_id, entries.partner_id, line.customer_id""",
    # One row per campaign and partner. Owed below zero is an overpayment.
    "partner_balances": """
        select
            entries.campaign_id, entries.partner_id, entries.currency,
            cast(sum(case
                when entries.kind = 'earn' then entries.amount_cents
                when entries.kind = 'adjust' then -entries.amount_cents
                else 0
            end) as bigint) as earned_cents,
            cast(sum(case
                when entries.kind = 'instruct' then entries.amount_cents
                when entries.kind in ('reject', 'return') then -entries.amount_cents
                else 0
            end) as bigint) as instructed_cents,
            cast(sum(case
                when entries.kind = 'settle' then entries.amount_cents
                when entries.kind = 'return' and settled.sequence is not null
                    then -entries.amount_cents
                else 0
            end) as bigint) as settled_cents,
            cast(sum(case
                when entries.kind in ('earn', 'reject', 'return')
                    then entries.amount_cents
                when entries.kind in ('adjust', 'instruct') then -entries.amount_cents
                else 0
            end) as bigint) as owed_cents
        from entries
        left join entries settled
            on entries.kind = 'return'
            and settled.end_to_end_id = entries.end_to_end_id
            and settled.kind = 'settle'
        where entries.partner_id is not null
        group by entries.campaign_id, entries.partner_id, entries.currency""",
}


def upgrade() -> None:
    """Make the views."""
    for name, query in VIEWS.items():
        op.get_bind().exec_driver_sql(f"create view {name} as {query}")
