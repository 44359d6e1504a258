-- Keyed ids in the order of their keys, as one text; null if there is none.

create or replace temporary macro ids_in_order(texts) as
nullif(
    array_to_string(
        list_transform(list_sort(texts), lambda x: split_part(x, chr(2), 2)), ','
    ),
    ''
)
