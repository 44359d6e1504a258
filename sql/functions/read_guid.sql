-- The GUID that a text names, in lower case and without "org:", or null.
--
-- Most are written in the form that a cast gives back, and are kept as they stand.

create or replace temporary macro read_guid(value) as
case
    when cast(try_cast(value as uuid) as varchar) = value then value
    else nullif(
        regexp_extract(
            lower(value),
            '^(org:)?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$',
            2
        ),
        ''
    )
end
