"""The environment of the peers: ``.cache/peers``, made from ``locks/peers.txt``."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]
LOCK_FILE = PROJECT / "locks" / "peers.txt"
FOLDER = PROJECT / ".cache" / "peers"
PYTHON = FOLDER / "bin" / "python"


def ready() -> Path:
    """Return the interpreter that has the peers, made when it is first asked for."""
    FOLDER.parent.mkdir(exist_ok=True)
    with (FOLDER.parent / "peers.lock").open("w") as turn:
        # Tests run on several processes, and one of them is enough to install.
        fcntl.flock(turn, fcntl.LOCK_EX)
        stamp = FOLDER / "made-from"
        if not stamp.exists() or stamp.read_text() != _made_from():
            _make()
            stamp.write_text(_made_from())
    return PYTHON


def ask(program: str, *arguments: str | Path, given: Any = None) -> Any:
    """Run a program of this folder with the peers; return what it prints as JSON."""
    run = subprocess.run(  # noqa: S603 - our own program, our own files
        [ready(), Path(__file__).parent / program, *arguments],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        message = f"{program} failed:\n{run.stderr}"
        raise AssertionError(message)
    return json.loads(run.stdout)


def _made_from() -> str:
    digest = hashlib.sha256(LOCK_FILE.read_bytes()).hexdigest()
    return f"{digest} {sys.version_info.major}.{sys.version_info.minor}\n"


def _make() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    venv.create(FOLDER, with_pip=True)
    install = ["install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    subprocess.run(  # noqa: S603 - pip, with the versions that we pinned
        [PYTHON, "-m", "pip", *install, "--requirement", LOCK_FILE], check=True
    )


if __name__ == "__main__":
    sys.stdout.write(f"{ready()}\n")
