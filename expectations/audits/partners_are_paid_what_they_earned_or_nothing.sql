-- What is payable is what was earned, when nothing is missing; else nothing.
-- Returns the partners for whom it is anything else.

select
    partner_id,
    status,
    earned_amount,
    payable_amount

from partner_payouts

where
    payable_amount
    <> case when status = 'payable' then earned_amount else 0 end
    or (status = 'nil') <> (earned_amount = 0)
    or (status = 'held') <> (hold_reasons is not null)
