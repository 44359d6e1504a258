"""Ids that are kept as they stand are told from their bytes."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest

from pipelines.plain_ids import is_plain_guid, is_trimmed

PLAIN = "0f3b5c1e-9a7d-4e21-8c55-d0a1b2c3d4e5"
TEXTS = [
    PLAIN,
    PLAIN.upper(),
    PLAIN.replace("-", "_"),
    PLAIN.replace("0f3b5c1e-", "0f3b5c1-e"),
    PLAIN.replace("e", "g"),
    "",
    f" {PLAIN}",
    PLAIN[:-1],
    PLAIN[:-1] + "é",
    PLAIN[:-2] + "é",  # as many bytes, fewer characters
    PLAIN.replace("0", "9"),
    "x",
    "a b",
    "a ",
    "\u00a0a",
]
GUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
VISIBLE = re.compile("[!-~](.*[!-~])?")
COLUMNS = {
    "all kinds": TEXTS,
    "one length": [text for text in TEXTS if len(text.encode()) == len(PLAIN)],
    "plain alone": [PLAIN, PLAIN[::-1][:8] + PLAIN[8:]],
    "none of that length": [TEXTS[5], TEXTS[7], TEXTS[11]],
    "blanks": ["", ""],
    "none": [],
}


@pytest.mark.parametrize("texts", COLUMNS.values(), ids=COLUMNS)
@pytest.mark.parametrize("skipped", [0, 1])
def test_ids_are_told_from_their_bytes(texts, skipped):
    """A part of a column, too, whose bytes begin in the middle."""
    column = pa.array(texts, pa.string()).slice(skipped)
    texts = column.to_pylist()
    assert is_plain_guid(column).tolist() == [bool(GUID.fullmatch(t)) for t in texts]
    assert is_trimmed(column).tolist() == [bool(VISIBLE.fullmatch(t)) for t in texts]
