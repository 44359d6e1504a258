-- The name of a row, to be sorted by delivery, file and number.
--
-- No name of a file has a character below chr(2), so that of two names the one that
-- goes on comes later.

create or replace temporary macro keyed_reference(
    feed, delivered_on, source_file, source_row
) as
keyed(
    concat(
        cast(delivered_on as varchar),
        source_file,
        chr(1),
        lpad(cast(source_row as varchar), 19, '0')
    ),
    row_reference(feed, delivered_on, source_file, source_row)
)
