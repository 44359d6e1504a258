"""How many records a replaced snapshot held, however it is written."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from pipelines.earlier import earlier_deliveries
from pipelines.landing import LandedFile

if TYPE_CHECKING:
    from pathlib import Path

DAY = dt.date(2019, 7, 3)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        pytest.param(b"a,b\n1,2\n3,4\n", 2, id="plain"),
        pytest.param(b"a,b\n1,2\n\n3,4", 2, id="a blank line, no last line end"),
        pytest.param(b'a,b\n1,"2\n2"\n3,4\n', 2, id="a line break in quotes"),
        pytest.param(b"a,b\n1\n3,4,5\n", 2, id="ragged"),
        pytest.param(b"a,b\r1,2\r", None, id="unreadable"),
        pytest.param(b"a,b\n1,\0\n", None, id="no text"),
    ],
)
def test_records_are_counted_as_a_reader_counts_them(
    tmp_path: Path, text: bytes, rows: int | None
):
    """Quickly where lines are records, and carefully elsewhere."""
    file = LandedFile("proofs", DAY, "proofs.csv", "0" * 64, len(text))
    file.path_in(tmp_path).parent.mkdir(parents=True)
    file.path_in(tmp_path).write_bytes(text)
    deliveries = SimpleNamespace(earlier=[file], of=lambda _: [])

    found = earlier_deliveries(cast("Any", deliveries), tmp_path)

    assert [one.rows_read for one in found] == ([] if rows is None else [rows])
