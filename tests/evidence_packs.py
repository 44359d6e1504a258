"""Evidence packs as an auditor gets them: unpacked, and checked without us."""

from __future__ import annotations

import hashlib
import shlex
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path


def unpacked(pack: Path, folder: Path) -> Path:
    """Return the folder that a pack was unpacked to."""
    with zipfile.ZipFile(pack) as archive:
        archive.extractall(folder)
    return folder


def commands(folder: Path) -> list[str]:
    """Return the commands that the page of a pack gives."""
    text = (folder / "README.txt").read_text("utf-8").partition("HOW TO CHECK IT")[2]
    lines = [line.strip() for line in text.partition("THE CHECKS")[0].splitlines()]
    return [
        line for line in lines if line.startswith(("sha256sum", "duckdb", "python3"))
    ]


def sums_differ(folder: Path) -> list[str]:
    """Return what the system's own sha256sum finds, by the command of the page."""
    (command,) = [line for line in commands(folder) if line.startswith("sha256sum")]
    done = subprocess.run(  # noqa: S603 - a line of our own page
        shlex.split(command), check=False, capture_output=True, text=True, cwd=folder
    )
    lines = done.stdout.splitlines()
    assert lines, done.stderr
    assert done.returncode == (0 if all(line.endswith(": OK") for line in lines) else 1)
    return [line for line in lines if not line.endswith(": OK")]


def python_says(folder: Path) -> list[str]:
    """Return what the command with DuckDB's Python package prints, a line a check."""
    (command,) = [line for line in commands(folder) if line.startswith("python3")]
    words = [sys.executable, *shlex.split(command)[1:]]
    return subprocess.run(  # noqa: S603 - a line of our own page
        words, check=True, capture_output=True, text=True, cwd=folder
    ).stdout.splitlines()


def contradictions(folder: Path) -> dict[str, int]:
    """Return the sentences of the page that do not hold, with how many rows say so."""
    text = (folder / "README.txt").read_text("utf-8").partition("THE CHECKS\n\n")[2]
    assert text == (folder / "checks.sql").read_text("utf-8")
    found = {}
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as con:
        con.execute(f"set file_search_path = '{folder}'")
        for part in text.split("-- ")[1:]:
            sentence, _, query = part.partition("\n")
            rows = con.execute(query).fetchall()
            if rows:
                found[sentence.partition(". ")[2]] = len(rows)
    return found


def tampered(folder: Path, name: str, query: str) -> None:
    """Write a Parquet file of a pack anew, as *query* has it, and all sums after it.

    Whoever forges a figure forges the digests that can be forged.
    """
    path = folder / "run" / name
    rows = duckdb.sql(query.format(table=f"read_parquet('{path}')")).to_arrow_table()
    pq.write_table(rows, path)
    lines = []
    for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines():
        place = line[66:]
        digest = hashlib.sha256((folder / place).read_bytes()).hexdigest()
        lines.append(f"{digest}  {place}\n")
    (folder / "SHA256SUMS").write_text("".join(lines), "utf-8")


def all_text(folder: Path) -> str:
    """Return all that a pack says: of packed tables the values, not the bytes."""
    text = ""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".parquet":
            file = pq.ParquetFile(path)
            text += str(file.read().to_pylist()) + str(file.metadata.to_dict())
            text += str(file.metadata.metadata)
        elif path.is_file():
            text += path.read_bytes().decode("latin-1")
    return text
