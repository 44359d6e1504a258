"""The fast reader and the careful one make the same of any text (ADR 4)."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from pipelines import engine
from pipelines.file_typing import FileTyping
from pipelines.files import sha256_of_file
from pipelines.landing import LandedFile
from pipelines.text_scan import UnreadableFileError
from pipelines.typed_rows import OutputPaths
from pipelines.validation import validate_file

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = 120
HEADER = ["CustomerId", "TopParentId", "CustomerName", "Segment", "Country"]
GUIDS = ["", "aaaaaaaa-0000-0000-0000-000000000001", "org:no-guid"]
PLAIN = ["", " ", "SMB", " smb ", "é", "0", "\t", "\u2003x", "a'b", "NULL"]
QUOTED = ["{}", "{},", ";{}", "\t", '{}""', "a\n{}", "\r\n", "\n\n", " ", ""]
# Where readers differ: none of these may pass through the fast one unseen.
ODD = ['a"b', ' "x"', '"x" ', '"x"y', "a\rb", '"', "\r", '""x', "\\", '"a\\"']
LINE_ENDS = ["\n", "\n", "\r\n", "\n\n", "\n  \n", "\r\n \r\n"]


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """One database for all texts: to open one costs more than a text does."""
    with engine.opened(tmp_path_factory.mktemp("spill"), threads=1) as con:
        yield con


@pytest.fixture
def fast_readings(monkeypatch):
    """Note of each text whether the fast reader was believed."""
    believed: list[bool] = []
    read_fast = FileTyping.read_fast

    def noted(typing: FileTyping, *args: Any) -> Any:
        rows = read_fast(typing, *args)
        believed.append(rows is not None)
        return rows

    monkeypatch.setattr(FileTyping, "read_fast", noted)
    return believed


def any_text(seed: int, delimiter: str) -> str:
    """Return a made-up file: now and then a cell, row or line end is odd."""
    chance = random.Random(seed)  # noqa: S311 - a text is no secret
    oddness = chance.choice([0, 0, 0.01, 0.1])
    end = chance.choice(["\n", "\r\n"])

    def cell(place: int) -> str:
        if chance.random() < oddness:
            return chance.choice(ODD)
        value = chance.choice(GUIDS if place < 2 else PLAIN)
        if delimiter not in value and chance.random() < 0.8:
            return value
        return f'"{chance.choice(QUOTED).format(value)}"'

    def row() -> str:
        width = len(HEADER)
        if chance.random() < oddness:
            width = chance.choice([1, 2, 4, 6, 9])
        return delimiter.join(cell(place) for place in range(width))

    text = delimiter.join(HEADER) + end
    for _ in range(chance.choice([0, 1, 3, 12, 40])):
        text += row() + (chance.choice(LINE_ENDS) if chance.random() < 0.1 else end)
    mark = chance.choice(["", "", "", "\ufeff"])
    return mark + (text.removesuffix(end) if chance.random() < 0.2 else text)


def reading(database, landed: Path, work: Path) -> Any:
    """Return the facts of a file with all of its rows, or its fault."""
    work.mkdir()
    out = OutputPaths(work / "validated", work / "quarantine")
    file = LandedFile(
        "customers",
        dt.date(2019, 8, 15),
        landed.name,
        sha256_of_file(landed),
        landed.stat().st_size,
    )
    try:
        facts = validate_file(file, landed, database, work, out).as_dict()
    except UnreadableFileError as fault:
        return str(fault)
    counts = {key: value for key, value in facts.items() if "sha256" not in key}
    return counts, *map(rows_of, (out.validated, out.quarantine))


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file by their number in the source."""
    rows = pq.ParquetFile(path).read().to_pylist()
    return sorted(rows, key=lambda row: row["source_row"])


def test_both_readers_agree_on_any_text(database, fast_readings, monkeypatch, tmp_path):
    """Every cell, row number, reason and refusal is the same."""
    refused = 0
    for seed in range(TEXTS):
        delimiter, name = [(",", "a.csv"), (";", "a.csv"), ("\t", "a.tsv")][seed % 3]
        folder = tmp_path / str(seed)
        folder.mkdir()
        landed = folder / name
        landed.write_bytes(any_text(seed, delimiter).encode())

        chosen = reading(database, landed, folder / "chosen")
        with monkeypatch.context() as patched:
            patched.setattr(FileTyping, "read_fast", lambda *_: None)
            careful = reading(database, landed, folder / "careful")

        assert chosen == careful, f"seed {seed}"
        refused += isinstance(careful, str)

    # Each way was taken often enough to prove something.
    assert sum(fast_readings) > TEXTS / 3
    assert len(fast_readings) - sum(fast_readings) > TEXTS / 10
    assert refused > TEXTS / 50
