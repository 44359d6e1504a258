-- The date that a text names, or null if it names none.
--
-- Three styles, of which a file uses one: M/D/YYYY or D.M.YYYY, with or without
-- H:mm[:ss], and ISO 8601, whose time and zone are dropped. The patterns keep out
-- what a cast alone would guess at. All but the last are short forms of the last,
-- for speed: nearly all dates are one of them.

create or replace temporary macro read_date(value) as
case
    when
        regexp_full_match(
            value, '[12][0-9]{3}-[0-9]{2}-[0-9]{2}(T[01][0-9](:[0-5][0-9]){2})?'
        )
        then try_cast(substr(value, 1, 10) as date)
    when regexp_full_match(value, '[0-9]{1,2}/[0-9]{1,2}/[12][0-9]{3} 0:00')
        then cast(try_strptime(value, '%m/%d/%Y %H:%M') as date)
    when regexp_full_match(value, '[0-9]{1,2}/[0-9]{1,2}/[12][0-9]{3}')
        then cast(try_strptime(value, '%m/%d/%Y') as date)
    when regexp_full_match(value, '[0-9]{1,2}[.][0-9]{1,2}[.][12][0-9]{3}')
        then cast(try_strptime(value, '%d.%m.%Y') as date)
    -- Before the mark, a sign that keeps words out which the parser knows: epoch.
    else cast(
        try_strptime(concat('=', marked_date(trimmed(value))), '=:%Y-%m-%d') as date
    )
end
