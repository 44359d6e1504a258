"""Import Great Expectations, which takes seconds, in as few of them as can be.

A third of the time goes into libraries for statistics, charts and clouds that no
check here uses: they are imported when somebody asks for something of theirs.

When the deferring can go: when ``great_expectations`` imports none of them by itself,
as version 1.24 does.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFERRED = ("scipy.stats", "altair", "boto3")


class _Deferred(types.ModuleType):
    """Stands for a module until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        # The import system asks for names like __path__ of what it only passes by.
        if name.startswith("__"):
            raise AttributeError(name)
        _forget(self)
        return getattr(importlib.import_module(self.__name__), name)


def import_now() -> None:
    """Make sure that it is imported."""
    # It would report its use over the network, and give hints meant for developers.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    with _deferring():
        importlib.import_module("great_expectations")
    importlib.import_module("pipelines.gx_duckdb")


@contextlib.contextmanager
def _deferring() -> Iterator[None]:
    missing = [name for name in DEFERRED if name not in sys.modules]
    stand_ins = [_Deferred(name) for name in missing]
    sys.modules.update({one.__name__: one for one in stand_ins})
    try:
        yield
    finally:
        # Whoever else imports one of them is to have it as it is.
        for one in stand_ins:
            _forget(one)


def _forget(one: types.ModuleType) -> None:
    if sys.modules.get(one.__name__) is one:
        del sys.modules[one.__name__]
