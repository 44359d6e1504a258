"""The functions of ``sql/functions/`` that models call, as Spark has them."""

from __future__ import annotations

_IN_ORDER = """
create or replace temporary function {name}(texts array<string>) returns string return
nullif(
    array_join(
        transform(array_sort(texts), text -> split_part(text, chr(2), 2)), '{separator}'
    ),
    ''
)
"""
FUNCTIONS = (
    """
create or replace temporary function row_reference(
    feed string, delivered_on date, source_file string, source_row bigint
) returns string return
concat(
    feed, '/', cast(delivered_on as string), '/', source_file, ':',
    cast(source_row as string)
)
""",
    """
create or replace temporary function keyed(key string, value string)
returns string return key || chr(2) || value
""",
    """
create or replace temporary function keyed_reference(
    feed string, delivered_on date, source_file string, source_row bigint
) returns string return
keyed(
    concat(
        cast(delivered_on as string), source_file, chr(1),
        lpad(cast(source_row as string), 19, '0')
    ),
    row_reference(feed, delivered_on, source_file, source_row)
)
""",
    _IN_ORDER.format(name="references_in_order", separator="; "),
    _IN_ORDER.format(name="ids_in_order", separator=","),
)
