-- Whether a text is there but could not be read as its type.

create or replace temporary macro is_unreadable(value_read, value) as
value_read is null and not is_blank(value)
