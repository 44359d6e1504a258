-- The date of a text :Y-M-D, or null: no day 0, no month 13, no year 0000.

create or replace temporary macro read_marked_date(value) as
case
    when starts_with(value, ':') and not starts_with(value, ':0000')
        then cast(try_strptime(value, ':%Y-%m-%d') as date)
end
