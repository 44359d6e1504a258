"""Import PyArrow without pandas, which takes as long as all else that a run imports.

PyArrow looks for pandas when it makes its first array of a list, to know whether the
list is one of its columns. Told that there is none, it looks again when a frame is
asked for.

When this module can go: when ``pa.array([])`` no longer imports pandas, as PyArrow 26
does.
"""

from __future__ import annotations

import functools
import sys
from importlib.abc import MetaPathFinder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


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
    import pyarrow as pa

    finder = _NotNow()
    sys.meta_path.insert(0, finder)
    try:
        pa.array([])
    finally:
        sys.meta_path.remove(finder)
