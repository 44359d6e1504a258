"""Ids that are kept as they stand: told from their bytes, a whole column at once.

What is told here is what ``trimmed`` and ``read_guid`` of ``sql/functions/`` would
leave as it is. Any other id goes through them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

GUID_BYTES = 36
HYPHENS = (8, 13, 18, 23)
VISIBLE = (33, 126)  # of ASCII, the first and the last


def is_trimmed(column: pa.StringArray) -> Any:
    """Return which texts begin and end with a visible character of ASCII."""
    import numpy as np

    starts, ends, data = _bytes_of(column)
    if not len(data):
        return np.zeros(len(column), bool)
    # The ends of a blank text are others' bytes: its length rules it out.
    first, last = data[np.minimum(starts, len(data) - 1)], data[ends - 1]
    low, high = VISIBLE
    is_visible = (first >= low) & (first <= high) & (last >= low) & (last <= high)
    return is_visible & (ends > starts)


def is_plain_guid(column: pa.StringArray) -> Any:
    """Return which texts are GUIDs in lower case, with nothing around them."""
    import pyarrow as pa

    starts, ends, data = _bytes_of(column)
    found = ends - starts == GUID_BYTES
    if not found.all():
        # The bytes of the others lie between: without them, each stands in its row.
        starts, ends, data = _bytes_of(column.filter(pa.array(found)))
    if len(starts):
        text = data[starts[0] : ends[-1]].reshape(-1, GUID_BYTES)
        found[found] = _are_guids(text)
    return found


def _are_guids(text: Any) -> Any:
    import numpy as np

    kinds = np.zeros(256, np.uint8)
    kinds[list(b"0123456789abcdef")] = 1
    kinds[ord("-")] = 2
    wanted = np.ones(GUID_BYTES, np.uint8)
    wanted[list(HYPHENS)] = 2
    return (kinds[text] == wanted).all(axis=1)


def _bytes_of(column: pa.StringArray) -> tuple[Any, Any, Any]:
    """Return where each text starts and ends, and the bytes of all."""
    import numpy as np

    _, offsets, data = column.buffers()
    places = np.frombuffer(offsets, np.int32)[column.offset :][: len(column) + 1]
    content = np.frombuffer(data, np.uint8) if data else np.zeros(0, np.uint8)
    return places[:-1], places[1:], content
