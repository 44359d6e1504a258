-- The date that a text names, or null if it names none.
--
-- Three styles, of which a file uses one: M/D/YYYY or D.M.YYYY, with or without
-- H:mm[:ss], and ISO 8601, whose time and zone are dropped. The first branch is
-- the shortest exact form; the patterns keep out what a cast would guess at.

create or replace temporary macro read_date(value) as
case
    when
        regexp_full_match(
            value,
            '[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]([01][0-9]|2[0-3])(:[0-5][0-9](:[0-5][0-9]([.,][0-9]+)?)?)?(Z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)?)?'
        )
        and substr(value, 1, 4) <> '0000'
        then try_cast(substr(value, 1, 10) as date)
    when
        regexp_full_match(
            value,
            '[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}( ([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?)?'
        )
        and substr(split_part(value, '/', 3), 1, 4) <> '0000'
        then try_cast(
            concat(
                substr(split_part(value, '/', 3), 1, 4),
                '-',
                lpad(split_part(value, '/', 1), 2, '0'),
                '-',
                lpad(split_part(value, '/', 2), 2, '0')
            ) as date
        )
    when
        regexp_full_match(
            value,
            '[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}( ([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?)?'
        )
        and substr(split_part(value, '.', 3), 1, 4) <> '0000'
        then try_cast(
            concat(
                substr(split_part(value, '.', 3), 1, 4),
                '-',
                lpad(split_part(value, '.', 2), 2, '0'),
                '-',
                lpad(split_part(value, '.', 1), 2, '0')
            ) as date
        )
end
