-- A text behind the key that it is sorted by, for in_order; null if it is null.

create or replace temporary macro keyed(key, value) as key || chr(2) || value
