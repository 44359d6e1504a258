-- The date that a text names, or null if it names none.
--
-- Three styles, of which a file uses one: M/D/YYYY or D.M.YYYY, with or without
-- H:mm[:ss], and ISO 8601, whose time and zone are dropped. The pattern keeps out what
-- a cast alone would guess at; what a cast gives back as it was written needs none.
-- There is no year 0000, and a mark of the text's own is none.

create or replace temporary macro read_date(value) as
case
    when
        strlen(value) = 10
        and cast(try_cast(value as date) as varchar) = value
        then try_cast(value as date)
    when not starts_with(value, ':')
        then nullif(
            greatest(
                -- Before the mark, a sign that keeps words out that the parser knows.
                cast(
                    try_strptime(
                        concat('=', marked_date(value)), '=:%Y-%m-%d'
                    ) as date
                ),
                date '0000-12-31'
            ),
            date '0000-12-31'
        )
end
