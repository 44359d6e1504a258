-- The whole number that a text names (5.0 is whole, 5.5 is not), or null.
--
-- Below 0 is -1, however far: such a number is a fault of its own, and is kept as it
-- was written with the record in quarantine.

create or replace temporary macro read_whole(value, has_decimal_comma) as
case
    -- Most are written in the form that a cast gives back, and ask no pattern.
    when
        try_cast(value as integer) >= 0
        and cast(try_cast(value as integer) as varchar) = value
        then try_cast(value as integer)
    else try_cast(
        regexp_replace(
            regexp_extract(
                read_decimal(value, has_decimal_comma), '^(-?[0-9]+)([.]0+)?$', 1
            ),
            '^-0*[1-9][0-9]*$',
            '-1'
        ) as integer
    )
end
