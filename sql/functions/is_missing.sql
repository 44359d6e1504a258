-- Whether nothing is there to be read.

create or replace temporary macro is_missing(value_read, value) as
case when value_read is null then value is null else false end
