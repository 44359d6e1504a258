"""The folder that keeps all state, and what to say if it cannot be used."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from pipelines.errors import HomeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def usable(home: Path) -> Iterator[None]:
    """Say in one sentence that the home cannot be written, whoever finds out."""
    import duckdb

    try:
        str(home).encode()  # the database takes UTF-8 alone
        yield
    except (
        OSError,
        UnicodeEncodeError,
        duckdb.IOException,
        duckdb.OutOfMemoryException,
    ) as error:
        message = (
            f"{home} cannot be used ({_reason(error)}); nothing was published. Give "
            "--home a folder that can be written, on a disk with room, and run again."
        )
        raise HomeError(message) from error


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename or 'its disk'}"
    # The database adds its own error as JSON, which is no sentence.
    return str(error).splitlines()[0].partition(": {")[0].rstrip(".")
