"""What all pages share: one file each, no network, every value made harmless."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from typing import TYPE_CHECKING, Any

from pipelines.paths import TEMPLATES_DIR

if TYPE_CHECKING:
    from jinja2 import Environment

# Control and format characters: they hide text, or turn its direction.
_UNSEEN = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def page_part(template: str, **values: Any) -> str:
    """Return a part of a page, to be put into it as it is."""
    from markupsafe import Markup

    text = _environment().get_template(template).render(**values)
    return Markup(text)  # noqa: S704 - every value in it was made harmless


def page(template: str, **values: Any) -> str:
    """Return the page of *template*, style and script inside it."""
    style, script = _asset("page.css"), _asset("page.js")
    return (
        _environment()
        .get_template(template)
        .render(
            style=style,
            script=script,
            style_digest=_digest(style),
            script_digest=_digest(script),
            **values,
        )
    )


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES_DIR),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    environment.filters["count"] = _count
    environment.filters["words"] = _words
    return environment


def _harmless(value: Any) -> Any:
    """Return a text without what does not show; the reader sees that it was there."""
    if value is None:
        return ""
    if isinstance(value, str) and not value.isprintable():
        # What is markup already stays so.
        return type(value)(visible(value))
    return value


def visible(text: str) -> str:
    r"""Return a text with a sign instead of each character that does not show.

    >>> visible("Contoso\x1b[2J Ltd")
    'Contoso\ufffd[2J Ltd'
    """
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)


def _count(number: Any) -> str:
    """Return a number with its thousands apart; nothing for none."""
    return "" if number is None else f"{number:,}"


def _words(name: str) -> str:
    return name.replace("_", " ")


@functools.cache
def _asset(name: str) -> Any:
    from markupsafe import Markup

    text = (TEMPLATES_DIR / name).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 - a file of ours


def _digest(text: str) -> str:
    """Return the digest by which a browser knows the one style, or script, allowed."""
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256-" + base64.b64encode(digest).decode()
