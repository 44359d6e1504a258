-- A text without the white space (of Unicode) around it; null if nothing is left.
--
-- Most values start and end with a visible ASCII character and need no work.

create or replace temporary macro trimmed(value) as
case
    when
        unicode(value) between 33 and 126
        and unicode(value[-1]) between 33 and 126
        then value
    else nullif(
        regexp_replace(
            value,
            '^[\t-\r\x1c-\x20\x85\p{Z}]+|[\t-\r\x1c-\x20\x85\p{Z}]+$',
            '',
            'g'
        ),
        ''
    )
end
