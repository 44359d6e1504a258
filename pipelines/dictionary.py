"""What every published column means: read from the page that people read."""

from __future__ import annotations

import functools
import re

from pipelines.paths import DICTIONARY

_SECTION = re.compile(r"^## (\S+)\n(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
_COLUMN = re.compile(r"^\| `(\w+)` \| ([\w/]+) \| (\S.*) \|$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@functools.cache
def tables() -> dict[str, tuple[tuple[str, str, str], ...]]:
    """Return each table's columns: name, type and meaning, in their order."""
    text = DICTIONARY.read_text(encoding="utf-8")
    found = {
        title: tuple(
            (name, kind, _plain(meaning))
            for name, kind, meaning in _COLUMN.findall(section)
        )
        for title, section in _SECTION.findall(text)
    }
    return {title: columns for title, columns in found.items() if columns}


def meanings(table: str) -> dict[str, str]:
    """Return what each column of *table* means; nothing if it is not described."""
    return {name: meaning for name, _, meaning in tables().get(table, ())}


def _plain(markdown: str) -> str:
    return _LINK.sub(r"\1", markdown).replace("`", "")
