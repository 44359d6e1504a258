-- Whether nothing is there to be read.

create or replace temporary macro is_missing(value_read, value) as
value_read is null and is_blank(value)
