"""Let Great Expectations make the configuration of an expectation once.

It makes it anew, from all fields, each time that it looks a setting up: some fifty
times for each expectation, and a third of the time that it thinks.

When this module can go: when a suite is validated as fast without it, as it is not
with great-expectations 1.24.
"""

from __future__ import annotations

import contextlib
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from great_expectations.expectations.expectation import Expectation

if TYPE_CHECKING:
    from collections.abc import Iterator

# By the identity of an expectation, which is held, so that no other one gets it.
_made: ContextVar[dict[int, tuple[Expectation, Any]] | None] = ContextVar(
    "made", default=None
)
_make: Any = vars(Expectation)["configuration"].fget


@contextlib.contextmanager
def configured_once() -> Iterator[None]:
    """Remember configurations inside: no expectation may be changed meanwhile."""
    token = _made.set({})
    try:
        yield
    finally:
        _made.reset(token)


def _configuration(expectation: Expectation) -> Any:
    made = _made.get()
    if made is None:
        return _make(expectation)
    if id(expectation) not in made:
        made[id(expectation)] = (expectation, _make(expectation))
    return made[id(expectation)][1]


Expectation.configuration = property(  # type: ignore[assignment,method-assign]
    _configuration, doc=_make.__doc__
)
