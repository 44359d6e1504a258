"""Set terms from a command line: each by its dotted key, its value read as YAML."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pipelines.campaign_faults import is_optional
from pipelines.campaign_file import dotted, shown, suggestion
from pipelines.campaign_yaml import parse_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.campaign_file import CampaignFile, Place

# Lists whose items are groups of keys: what an item is called by.
NAMED_ITEMS: dict[Place, str] = {
    ("competencies", "accepted"): "name",
    ("holds",): "reason",
}
NO_CLAUSE = "-"


def changed(file: CampaignFile, changes: Mapping[str, str]) -> CampaignFile:
    """Return *file* with other values for some dotted keys.

    A list is written as YAML, ``[Gold, Silver]``, or with commas alone. ``null`` takes
    away a term that a campaign can do without. ``competencies.accepted`` and ``holds``
    take the names of their items; the known ones keep their clause and their dates.

    Raises:
        CampaignError: there is no such setting, or it cannot hold such a value.
    """
    if not changes:
        return file
    # The new values stand on no line of the file.
    found = replace(file, lines={}, asked=changes)
    for key, text in changes.items():
        asked = replace(found, asked={key: text})
        found = replace(found, tree=_set(asked, key, text))
    return found


def _set(file: CampaignFile, key: str, text: str) -> dict[str, Any]:
    place: Place = tuple(key.split("."))
    if place in NAMED_ITEMS:
        items = _named_items(file, place, _as_list(file, place, text))
        return _replaced(file.tree, place, items)
    if not _is_term(file, place):
        known = [*file.settings(), *(dotted(one) for one in NAMED_ITEMS)]
        wrong = f"there is no setting {shown(key)} to change"
        raise file.refuse((), wrong, suggestion(key, known))
    term = file.at(place) or {"clause": NO_CLAUSE}
    read = _as_list if isinstance(term.get("value"), list) else _as_one
    value = read(file, place, text)
    if value is None and is_optional(place):
        return _replaced(file.tree, place, None)
    return _replaced(file.tree, place, {**term, "value": value})


def _is_term(file: CampaignFile, place: Place) -> bool:
    """Tell whether *place* holds a term, or could: one that may be left out."""
    return (*place, "value") in file.values() or (
        is_optional(place) and place[-1] != "note"
    )


def _as_one(file: CampaignFile, place: Place, text: str) -> str | None:
    value = parse_value(text, file, place)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        remedy = f"write --set {dotted(place)}={value[0]}"
        raise file.refuse(place, "it holds one value, not a list", remedy)
    if not isinstance(value, str | None):
        raise file.refuse(place, f"it holds one value, not {shown(value)}", "write one")
    return value


def _as_list(file: CampaignFile, place: Place, text: str) -> list[str]:
    value = parse_value(text, file, place)
    if isinstance(value, str):
        # Quoted, a comma belongs to the value.
        quoted = text[0] in "'\""
        value = [value] if quoted else [part.strip() for part in value.split(",")]
    if not isinstance(value, list) or not all(
        isinstance(item, str) and item for item in value
    ):
        key = dotted(place)
        raise file.refuse(
            place, "it holds a list of words", f"write for example --set '{key}=[A, B]'"
        )
    return value


def _named_items(
    file: CampaignFile, place: Place, names: list[str]
) -> list[dict[str, Any]]:
    """Return the items of these names; a new one is of no clause and no date."""
    label = NAMED_ITEMS[place]
    known = {item[label].lower(): item for item in file.at(place)}
    new = {"clause": NO_CLAUSE}
    return [known.get(name.lower(), {label: name, **new}) for name in names]


def _replaced(tree: dict[str, Any], place: Place, value: object) -> dict[str, Any]:
    """Return a copy of *tree* with *value* at *place*, or without it if None."""
    first, rest = str(place[0]), place[1:]
    if rest:
        return {**tree, first: _replaced(tree[first], rest, value)}
    if value is None:
        return {key: kept for key, kept in tree.items() if key != first}
    return {**tree, first: value}
