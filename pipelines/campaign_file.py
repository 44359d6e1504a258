"""Read a campaign file: every scalar as text, every place with its line.

Nothing is guessed while reading. The schema gives each text its type, so an amount
is never a float, and a line number is at hand for every refusal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeAlias

from pipelines.errors import CampaignError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Place: TypeAlias = tuple[str | int, ...]

SHOWN_CHARACTERS = 60


def shown(value: object) -> str:
    """Return *value* as a message shows it: quoted, on one line, not too long."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, Mapping):
        return "a group of keys"
    if isinstance(value, list | tuple):
        return "a list"
    text = str(value)
    if len(text) > SHOWN_CHARACTERS:
        text = f"{text[:SHOWN_CHARACTERS]}..."
    return repr(text)


def cause(error: Exception) -> str:
    """Return why the operating system did not open a file."""
    return getattr(error, "strerror", None) or "this is no possible file name"


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return what to write instead of *word*: the nearest known one, or any."""
    names = list(known)
    near = get_close_matches(word, names, n=1)
    return f"use '{near[0]}'" if near else f"use one of {', '.join(names)}"


def dotted(place: Place) -> str:
    """Return *place* as a message names it; the items of a list count from 1.

    >>> dotted(("competencies", "accepted", 2, "name"))
    'competencies.accepted[3].name'
    >>> dotted(("window", "first_day", "value"))
    'window.first_day'
    """
    steps = [step for step in place if step != "value"]
    parts = [f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in steps]
    return "".join(parts).removeprefix(".")


@dataclass(frozen=True)
class CampaignFile:
    """A campaign file as text: its keys, and the line on which each one stands.

    ``asked`` holds what a command line sets instead of what the file says, by key.
    """

    path: Path
    tree: dict[str, Any] = field(default_factory=dict)
    lines: dict[Place, int] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)

    def refuse(
        self, place: Place, wrong: str, remedy: str, line: int | None = None
    ) -> CampaignError:
        """Return the error that names this file, the place, and what to do.

        Where a command line sets terms, it names the setting and not the file.
        """
        if self.asked:
            return self._refuse_setting(place, wrong, remedy)
        where = [f"campaign file {self.path}"]
        line = line or self._line(place)
        if line:
            where.append(f"line {line}")
        if place:
            where.append(dotted(place))
        return CampaignError(
            f"{', '.join(where)}: {wrong}; no run was started: {remedy}."
        )

    def _refuse_setting(self, place: Place, wrong: str, remedy: str) -> CampaignError:
        name = dotted(place)
        own = {key for key in self.asked if re.match(rf"{re.escape(key)}(\W|$)", name)}
        given = [f"--set {key}={self.asked[key]}" for key in own or self.asked]
        if name and name not in self.asked:
            given.append(name if own else f"with which {name} is wrong")
        return CampaignError(
            f"{', '.join(given)}: {wrong}; nothing was computed: {remedy}."
        )

    def _line(self, place: Place) -> int | None:
        """Return the line of *place*, or of what encloses it."""
        for length in range(len(place), 0, -1):
            if line := self.lines.get(place[:length]):
                return line
        return None

    def at(self, place: Place) -> Any:
        """Return what the file holds at *place*; None where it holds nothing."""
        node: Any = self.tree
        for step in place:
            try:
                node = node[step]
            except (KeyError, IndexError, TypeError):
                return None
        return node

    def settings(self) -> list[str]:
        """Return the dotted keys that hold a value, or a list, with its clause."""
        return [dotted(place) for place in self.values()]

    def values(self) -> list[Place]:
        """Return the places of these values."""
        return self._values(self.tree, ())

    def _values(self, node: Any, place: Place) -> list[Place]:
        if not isinstance(node, dict):
            return []
        if "value" in node:
            return [(*place, "value")]
        found = [self._values(inner, (*place, key)) for key, inner in node.items()]
        return [one for some in found for one in some]
