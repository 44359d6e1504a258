"""How wide a terminal is, what it can show, and lines that fit in it."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from pipelines.explain.seat_chart import LETTERS, PICTURES, Signs
from pipelines.pages import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

NARROWEST, WIDEST = 40, 120
COLOURS = {"pass": "green", "qualified": "green", "payable": "green"}
COLOURS |= {"pending": "yellow", "held": "yellow"}
COLOURS |= {"fail": "red", "not_qualified": "red", "not_a_candidate": "red"}


@dataclass(frozen=True)
class Screen:
    """What text is made for: a width in characters, colours or none, which signs."""

    width: int
    has_colour: bool = False
    signs: Signs = LETTERS

    def coloured(self, text: str, word: str) -> str:
        """Return *text* in the colour of a verdict or decision, where there are any."""
        colour = COLOURS.get(word)
        return click.style(text, fg=colour) if self.has_colour and colour else text

    def strong(self, text: str) -> str:
        """Return a heading."""
        return click.style(text, bold=True) if self.has_colour else text

    def wrapped(self, text: str, indent: int = 2, hanging: int = 0) -> list[str]:
        """Return *text* in lines that fit; a word that does not is left whole."""
        return textwrap.wrap(
            text,
            self.width,
            initial_indent=" " * indent,
            subsequent_indent=" " * (indent + hanging),
            break_long_words=False,
            break_on_hyphens=False,
        )

    def labelled(self, label: str, texts: Sequence[str], at: int = 16) -> list[str]:
        """Return lines with a label in front of the first one."""
        lines = [line for text in texts for line in self.wrapped(text, at)]
        if lines:
            lines[0] = f"  {label}".ljust(at) + lines[0][at:]
        return lines


def shown(value: Any) -> Any:
    """Return a document with nothing in its texts that a terminal would act on.

    Names and cells come from extracts, and are written by anybody.
    """
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shown(item) for item in value]
    return " ".join(visible(value).split("\n")) if isinstance(value, str) else value


def screen() -> Screen:
    """Return what standard output is."""
    width = shutil.get_terminal_size((80, 24)).columns
    encoding = (getattr(sys.stdout, "encoding", None) or "").lower()
    return Screen(
        width=min(max(width, NARROWEST), WIDEST),
        has_colour=sys.stdout.isatty() and not os.environ.get("NO_COLOR"),
        signs=PICTURES if encoding.startswith("utf") else LETTERS,
    )
