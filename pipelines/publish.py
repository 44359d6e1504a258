"""A run appears whole or not at all, and never changes afterwards."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from pipelines.errors import DifferenceError
from pipelines.files import make_folder, sync
from pipelines.manifest import MANIFEST
from pipelines.verify import folder_differences

if TYPE_CHECKING:
    from pathlib import Path


def publish_folder(draft: Path, final: Path) -> bool:
    """Move *draft* to *final*; False if the same is already there.

    Raises:
        DifferenceError: what is there is not what its manifest says, or it is
            another result of the same inputs.
    """
    for path in draft.iterdir():
        sync(path)
    sync(draft)
    make_folder(final.parent)
    try:
        # Fails if the final folder has content: publishing once comes for free.
        draft.rename(final)
    except OSError as error:
        if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
            raise
        check_published(final)
        _refuse_another_result(draft, final)
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


def _refuse_another_result(draft: Path, final: Path) -> None:
    """The same inputs give the same bytes: the manifests name every one of them."""
    if (draft / MANIFEST).read_bytes() != (final / MANIFEST).read_bytes():
        message = (
            f"{final} was published before with another result of the same inputs; "
            "nothing was published. Keep both, and report it as a defect."
        )
        raise DifferenceError(message)
