-- The whole number that a text names (5.0 is whole, 5.5 is not), or null.

create or replace temporary macro read_whole(value, has_decimal_comma) as
case
    when
        regexp_full_match(
            case when has_decimal_comma then replace(value, ',', '.') else value end,
            '-?[0-9]+([.]0+)?'
        )
        then try_cast(
            split_part(
                case
                    when has_decimal_comma then replace(value, ',', '.') else value
                end,
                '.',
                1
            ) as integer
        )
end
