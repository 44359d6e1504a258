-- The GUID that a text names, in lower case and without "org:", or null.

create or replace temporary macro read_guid(value) as
case
    when
        regexp_full_match(
            lower(value),
            '(org:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
        )
        then right(lower(value), 36)
end
