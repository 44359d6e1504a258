"""The names of a record's cells in the quarantine."""

from __future__ import annotations


def record_keys(header: tuple[str, ...]) -> list[str]:
    """Return one distinct JSON key per cell, in any case, from the header.

    >>> record_keys(("MpnId", "", "note", "Note"))
    ['MpnId', 'column_2', 'note', 'Note_4']
    """
    keys: list[str] = []
    taken: set[str] = set()
    for number, name in enumerate(header, start=1):
        key = name or f"column_{number}"
        while key.lower() in taken:
            key = f"{key}_{number}"
        taken.add(key.lower())
        keys.append(key)
    return keys
