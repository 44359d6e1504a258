"""PyArrow is imported without pandas, and knows it when a frame is asked for."""

from __future__ import annotations

import subprocess
import sys

LOOK = """
import sys
from pipelines.arrow_import import import_now
import_now()
import pyarrow as pa
table = pa.table({"seats": [15, None]})
print("pandas" in sys.modules)
print(table.to_pandas()["seats"].sum(), "pandas" in sys.modules)
"""
KEEPING = """
import os
from pipelines.arrow_import import PURGE_DELAY, import_now
import_now()
print(PURGE_DELAY[0], os.environ[PURGE_DELAY[0]])
"""
RUN = """
import sys
from pipelines.cli import main
try:
    main(["run", "--help"])
finally:
    from pipelines.campaign import campaign_tables, load_campaign
    campaign_tables(load_campaign("d365-smb-2019"))
    print("pandas" in sys.modules)
"""


def _said(program: str) -> list[str]:
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert not done.stderr
    return done.stdout.splitlines()


def test_pandas_is_imported_when_a_frame_is_asked_for():
    """Not for an array of a list, as PyArrow would by itself."""
    assert _said(LOOK) == ["False", "15.0 True"]


def test_terms_are_read_without_pandas():
    """The first arrays of a run are those of its terms."""
    assert _said(RUN)[-1] == "False"


def test_memory_is_kept_for_a_second_unless_the_user_says_otherwise(monkeypatch):
    """The allocator reads it when the library is loaded."""
    assert _said(KEEPING) == ["MIMALLOC_PURGE_DELAY 1000"]
    monkeypatch.setenv("MIMALLOC_PURGE_DELAY", "10")
    assert _said(KEEPING) == ["MIMALLOC_PURGE_DELAY 10"]
