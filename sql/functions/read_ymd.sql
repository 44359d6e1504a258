-- The date of a year, month and day in digits, or null: no day 0, no year 0000.

create or replace temporary macro read_ymd(year_text, month_text, day_text) as
case
    when year_text <> '0000'
        then try_cast(
            concat(
                year_text, '-', lpad(month_text, 2, '0'), '-', lpad(day_text, 2, '0')
            ) as date
        )
end
