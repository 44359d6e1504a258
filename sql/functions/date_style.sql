-- The style of a date that was read: 1 ISO 8601, 2 M/D/YYYY, 4 D.M.YYYY, 0 no date.
--
-- One bit each, so that the styles of a row, and of a file, are an "or" of them.

create or replace temporary macro date_style(date_read, value) as
case
    when date_read is null then 0
    when contains(value, '/') then 2
    when contains(value, '-') then 1
    else 4
end
