-- Whether a partner can be paid: its newest account, without any account number.
--
-- Grain: one row per (partner_id).
-- Of several, the one changed last; on a tie, the last row (T4).

with

ranked as (

    select
        mpn_id,
        account_problem,
        row_number() over (
            partition by mpn_id
            order by changed_on desc nulls last, source_file desc, source_row desc
        ) as rank_from_last

    from bank_accounts

)

select
    mpn_id as partner_id,
    account_problem

from ranked

where rank_from_last = 1
