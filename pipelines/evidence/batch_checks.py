"""What an auditor can hold against each other with DuckDB alone, of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.evidence.checks import SUMS

if TYPE_CHECKING:
    from pipelines.evidence.checks import Check

_BATCH = "read_text('batch/manifest.json')"
_ENTRIES = """read_json(
    'ledger/entries.ndjson', format = 'newline_delimited',
    columns = {'sequence': 'bigint', 'hash': 'varchar', 'entry': 'varchar'}
)"""
_CHAIN = """read_csv(
    'ledger/chain.csv', header = true, auto_detect = false, delim = ',',
    columns = {'sequence': 'bigint', 'previous_hash': 'varchar', 'hash': 'varchar'}
)"""
_PAYMENTS = """read_csv(
    'batch/payout.csv', header = true, all_varchar = true, delim = ',', quote = '"'
)"""

BATCH_CHECKS: tuple[Check, ...] = (
    (
        "The list of payments adds up to what the batch's manifest says.",
        f"""
select batch.batch_id as difference
from (
    select
        content ->> '$.batch_id' as batch_id,
        cast(content ->> '$.payments' as bigint) as payments,
        cast(content ->> '$.total' as decimal(18, 2)) as total
    from {_BATCH}
) as batch
cross join (
    select count(*) as payments, sum(cast(amount as decimal(18, 2))) as total
    from {_PAYMENTS}
) as listed
where batch.payments <> listed.payments or batch.total <> listed.total
""",
    ),
    (
        "The list of payments has the bytes that the batch's manifest promises.",
        f"""
select found.name as difference
from {SUMS} as found
cross join {_BATCH} as batch
where
    found.name = 'batch/payout.csv'
    and found.sha256 <> batch.content ->> '$.outputs."payout.csv".sha256'
""",
    ),
    (
        "No partner is paid more than the run found payable.",
        f"""
select payments.partner_id as difference
from {_PAYMENTS} as payments
left join 'run/partner_payouts.parquet' as payouts
    on payments.partner_id = payouts.partner_id
where
    cast(payments.amount as decimal(18, 2)) > coalesce(payouts.payable_amount, 0)
    or cast(payments.amount as decimal(18, 2)) <= 0
""",
    ),
    (
        "No entry of the ledger was changed: each has the hash of what it says.",
        f"""
select sequence as difference from {_ENTRIES} where sha256(entry) <> hash
""",
    ),
    (
        "The entries stand in the chain of the ledger, in which each names the last.",
        f"""
with chain as (
    select
        sequence, previous_hash, hash,
        lag(sequence, 1, 0) over (order by sequence) as last,
        lag(hash, 1, repeat('0', 64)) over (order by sequence) as last_hash
    from {_CHAIN}
)
select sequence as difference
from chain
where previous_hash <> last_hash or sequence <> last + 1
union all
select entries.sequence
from {_ENTRIES} as entries
left join chain on entries.sequence = chain.sequence
where
    chain.hash is distinct from entries.hash
    or chain.previous_hash <> entries.entry ->> '$.previous_hash'
""",
    ),
    (
        "The ledger instructed the payments of the list, and no others.",
        f"""
with instructed as (
    select
        entry ->> '$.end_to_end_id' as end_to_end_id,
        entry ->> '$.partner_id' as partner_id,
        cast(entry ->> '$.amount_cents' as bigint) as amount_cents
    from {_ENTRIES}
    where entry ->> '$.kind' = 'instruct'
)
select coalesce(payments.end_to_end_id, instructed.end_to_end_id) as difference
from {_PAYMENTS} as payments
full join instructed on payments.end_to_end_id = instructed.end_to_end_id
where
    instructed.partner_id is distinct from payments.partner_id
    or instructed.amount_cents
    is distinct from cast(cast(payments.amount as decimal(18, 2)) * 100 as bigint)
""",
    ),
)
APPROVAL_CHECKS: tuple[Check, ...] = (
    (
        "Another person than the preparer approved these very bytes.",
        f"""
select approval.content ->> '$.batch_id' as difference
from read_text('batch/approval.json') as approval
cross join {_BATCH} as batch
where
    lower(approval.content ->> '$.approved_by')
    = lower(approval.content ->> '$.prepared_by')
    or approval.content ->> '$.batch_id' <> batch.content ->> '$.batch_id'
    or approval.content ->> '$.total' <> batch.content ->> '$.total'
    or approval.content ->> '$.payments' <> batch.content ->> '$.payments'
    or approval.content ->> '$.sha256'
    <> batch.content ->> '$.outputs."payout.xml".sha256'
""",
    ),
    (
        "The approval is the ledger's.",
        f"""
select approval.content ->> '$.ledger_entry' as difference
from read_text('batch/approval.json') as approval
left join {_ENTRIES} as entries
    on cast(approval.content ->> '$.ledger_entry' as bigint) = entries.sequence
where
    entries.hash is distinct from approval.content ->> '$.ledger_hash'
    or entries.entry ->> '$.kind' <> 'approve'
    or entries.entry ->> '$.who' <> approval.content ->> '$.approved_by'
""",
    ),
)
