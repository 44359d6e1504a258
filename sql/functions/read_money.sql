-- The amount that a text names, to cents, half away from zero, or null.

create or replace temporary macro read_money(value, has_decimal_comma) as
try_cast(read_decimal(value, has_decimal_comma) as decimal(18, 2))
