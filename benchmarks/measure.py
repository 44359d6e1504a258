"""Run a command in a process of its own and say what it cost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Cost:
    """Seconds and bytes of one process and its children."""

    wall: float
    processor: float
    peak_memory: int

    def as_dict(self) -> dict[str, float]:
        """Return the figures by their names."""
        return asdict(self)


def cost_of(command: Sequence[str]) -> Cost:
    """Run *command* to its end; refuse to time one that fails."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    kilobyte = 1 if sys.platform == "darwin" else 1024
    peak = usage.ru_maxrss * kilobyte
    return Cost(wall, usage.ru_utime + usage.ru_stime, peak)
