-- The amount that a text names, to cents, half away from zero, or null.
--
-- Most are written in the form that a cast gives back, and ask no pattern.

create or replace temporary macro read_money(value, has_decimal_comma) as
case
    when cast(try_cast(value as decimal(18, 2)) as varchar) = value
        then try_cast(value as decimal(18, 2))
    else try_cast(read_decimal(value, has_decimal_comma) as decimal(18, 2))
end
