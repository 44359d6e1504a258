"""A run appears whole or not at all, and never changes afterwards."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from pipelines.errors import DifferenceError
from pipelines.files import sync
from pipelines.verify import folder_differences

if TYPE_CHECKING:
    from pathlib import Path


def publish_folder(draft: Path, final: Path) -> bool:
    """Move *draft* to *final*; False if the same is already there.

    Raises:
        DifferenceError: what is there is not what its manifest says.
    """
    for path in draft.iterdir():
        sync(path)
    sync(draft)
    final.parent.mkdir(parents=True, exist_ok=True)
    try:
        # Fails if the final folder has content: publishing once comes for free.
        draft.rename(final)
    except OSError as error:
        if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
            raise
        check_published(final)
        return False
    sync(final.parent)
    return True


def check_published(final: Path) -> None:
    """Refuse to rely on a published run that somebody has changed.

    Raises:
        DifferenceError: a file of it is not as its manifest says.
    """
    differences = folder_differences(final)
    if differences:
        message = (
            f"{final} was published before and has changed since: {differences[0]}. "
            "Move it away for the auditors, and run again to publish it anew."
        )
        raise DifferenceError(message)
