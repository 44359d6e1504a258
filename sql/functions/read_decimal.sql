-- The text of a number, with a point for the decimal separator, or null.
--
-- Only -digits[.digits] is a number: a cast alone would take 1_000 and 1e3 too.
-- A comma separates decimals only in a semicolon-separated file.

create or replace temporary macro read_decimal(value, has_decimal_comma) as
nullif(
    regexp_extract(
        case when has_decimal_comma then replace(value, ',', '.') else value end,
        '^-?[0-9]+([.][0-9]+)?$'
    ),
    ''
)
