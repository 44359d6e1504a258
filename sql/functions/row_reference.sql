-- How evidence names a row: its feed, the day of its delivery, its file and its number.

create or replace temporary macro row_reference(
    feed, delivered_on, source_file, source_row
) as
concat(
    feed,
    '/',
    cast(delivered_on as varchar),
    '/',
    source_file,
    ':',
    cast(source_row as varchar)
)
