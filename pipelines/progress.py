"""Progress of long work on stderr: shown on a terminal, silent elsewhere."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")


class Progress:
    """Progress bars, one a step."""

    def __init__(self) -> None:
        self._bars: Any = None

    @contextlib.contextmanager
    def shown(self) -> Iterator[Progress]:
        """Show the bars while the block runs, if stderr is a terminal."""
        if not sys.stderr.isatty():
            yield self
            return
        from rich.console import Console
        from rich.progress import Progress as Bars

        with Bars(console=Console(stderr=True), transient=True) as self._bars:
            yield self
        self._bars = None

    def track(self, items: Iterable[T], label: str, total: int) -> Iterator[T]:
        """Yield *items*, moving the bar of *label* by one for each."""
        task = self._bars.add_task(label, total=total) if self._bars else None
        for item in items:
            yield item
            if self._bars:
                self._bars.advance(task)
