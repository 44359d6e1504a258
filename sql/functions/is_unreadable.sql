-- Whether a text is there but could not be read as its type.

create or replace temporary macro is_unreadable(value_read, value) as
case when value_read is null then value is not null else false end
