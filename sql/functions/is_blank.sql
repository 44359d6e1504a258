-- Whether a text is absent, empty, or nothing but white space (of Unicode).

create or replace temporary macro is_blank(value) as
coalesce(not regexp_matches(value, '[^\t-\r\x1c-\x20\x85\p{Z}]'), true)
