-- A customer is paid for at most once, whoever asks.
-- Returns the customers that several decisions reward; none may be.

select
    customer_id,
    count(*) as rewards

from customer_decisions

where reward_amount > 0

group by customer_id

having count(*) > 1
