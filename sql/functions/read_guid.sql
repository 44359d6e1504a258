-- The GUID that a text names, in lower case and without "org:", or null.
--
-- Most are written in the form that is kept, and are kept as they stand.

create or replace temporary macro read_guid(value) as
case
    when
        regexp_full_match(
            value, '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
        )
        then value
    else nullif(
        regexp_extract(
            lower(trimmed(value)),
            '^(org:)?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$',
            2
        ),
        ''
    )
end
