"""Import PyArrow without pandas, and let it keep the memory that it will ask for again.

To import pandas takes as long as all else that a run imports. PyArrow looks for it when
it makes its first array of a list, to know whether the list is one of its columns. Told
that there is none, it looks again when a frame is asked for.

Its allocator gives memory back after 10 ms, and the system has to clear it once more
for the next block of a file: to keep it for a second saves up to a tenth of the time in
which invoices are typed.

When this module can go: when ``pa.array([])`` no longer imports pandas, as PyArrow 26
does, and PyArrow can be told how long to keep memory.
"""

from __future__ import annotations

import functools
import os
import sys
from importlib.abc import MetaPathFinder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Of mimalloc, in milliseconds; it is read when PyArrow is loaded.
PURGE_DELAY = ("MIMALLOC_PURGE_DELAY", "1000")


class _NotNow(MetaPathFinder):
    """Says that there is no pandas."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, _: object = None
    ) -> None:
        """Let others find what is not pandas."""
        if name == "pandas":
            message = "not now"
            raise ImportError(message)


@functools.cache
def import_now() -> None:
    """Make sure that PyArrow is imported, and has looked for pandas."""
    os.environ.setdefault(*PURGE_DELAY)
    import pyarrow as pa

    finder = _NotNow()
    sys.meta_path.insert(0, finder)
    try:
        pa.array([])
    finally:
        sys.meta_path.remove(finder)
