"""What any pipeline pays at the least: a bare copy of the billing files."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import duckdb

TUNED = "format parquet, compression zstd, compression_level 1, per_thread_output true"
PLAIN = "format parquet, per_thread_output true"


def copy(source: Path, target: Path, options: str) -> None:
    """Copy every billing file under *source* into the folder *target*."""
    shutil.rmtree(target, ignore_errors=True)
    con = duckdb.connect()
    # Files differ in their columns, and a few rows in their number of cells.
    con.execute(
        f"copy (from read_csv('{source}/billing/*/*.csv', all_varchar = true, "
        "header = true, delim = ',', union_by_name = true, ignore_errors = true)) "
        f"to '{target}' ({options})"
    )
    con.close()


if __name__ == "__main__":
    copy(
        Path(sys.argv[2]),
        Path(sys.argv[3]),
        {"tuned": TUNED, "plain": PLAIN}[sys.argv[1]],
    )
