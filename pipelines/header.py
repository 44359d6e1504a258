"""Where the columns of a feed stand in one file, by its header."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from pipelines.feeds import RESELLER_ALIASES, Feed, header_key
from pipelines.text_scan import UnreadableFileError


@dataclass(frozen=True)
class ColumnMap:
    """Where the columns of a feed stand in one file."""

    positions: dict[str, int]
    unknown: tuple[str, ...]


def map_columns(feed: Feed, header: tuple[str, ...]) -> ColumnMap:
    """Find the columns of *feed* in a header: any order, case, spacing.

    Raises:
        UnreadableFileError: a required column is missing, or a listed one is
            there twice.
    """
    keys = [header_key(name) for name in header]
    _refuse_repeated_columns(feed, header, keys)
    positions = {
        column: keys.index(key) for key, column in feed.columns.items() if key in keys
    }
    if feed.name == "billing":
        _find_reseller(positions, keys)
    _refuse_missing_columns(feed, keys, positions)
    known = set(feed.columns) | (
        set(RESELLER_ALIASES) if feed.name == "billing" else set()
    )
    unknown = [name for name, key in zip(header, keys, strict=True) if key not in known]
    return ColumnMap(positions, tuple(unknown))


def _find_reseller(positions: dict[str, int], keys: list[str]) -> None:
    """A file without ``ResellerMpnId`` names the reseller in another column."""
    for alias in RESELLER_ALIASES:
        if "reseller_mpn_id" not in positions and alias in keys:
            positions["reseller_mpn_id"] = keys.index(alias)


def _refuse_repeated_columns(
    feed: Feed, header: tuple[str, ...], keys: list[str]
) -> None:
    listed = set(feed.columns)
    if feed.name == "billing":
        listed.update(RESELLER_ALIASES)
    counts = Counter(keys)
    repeated = [
        name
        for name, key in zip(header, keys, strict=True)
        if key in listed and counts[key] > 1
    ]
    if repeated:
        message = (
            f"column {repeated[0]} is there {counts[header_key(repeated[0])]} times"
        )
        raise UnreadableFileError(message)


def _refuse_missing_columns(
    feed: Feed, keys: list[str], positions: dict[str, int]
) -> None:
    missing = [name for name in feed.headers if name in feed.required]
    missing = [name for name in missing if header_key(name) not in keys]
    if feed.name == "billing" and "reseller_mpn_id" not in positions:
        missing.append("ResellerMpnId (or MpnId)")
    if missing:
        noun = "column" if len(missing) == 1 else "columns"
        message = f"required {noun} {', '.join(missing)} missing from the header"
        raise UnreadableFileError(message)
