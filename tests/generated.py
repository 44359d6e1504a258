"""What tests of generated campaigns share: bytes of a folder, a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from pipelines.paths import PROJECT_DIR

if TYPE_CHECKING:
    from pathlib import Path


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file under a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def python(
    script: str, out: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a script in a process of its own, with a folder for its argument."""
    return subprocess.run(  # noqa: S603 - our own scripts
        [sys.executable, "-c", script, str(out)],
        check=False,
        capture_output=True,
        text=True,
        cwd=PROJECT_DIR,
        env=os.environ | environment,
    )
