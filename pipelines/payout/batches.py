"""A batch of the ledger and its folder."""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.errors import LedgerError, UsageError
from pipelines.files import sha256_of_file
from pipelines.ledger.balances import batch_row
from pipelines.manifest import MANIFEST
from pipelines.payout.batch_files import APPROVAL, PAYMENT_FILE
from pipelines.verify import folder_differences

if TYPE_CHECKING:
    from pipelines.ledger.ledger import Book


_IS_NAME = re.compile(r"[\w.-]{1,100}", re.ASCII)


@dataclass(frozen=True)
class Batch:
    """A batch as the ledger has it."""

    row: dict[str, Any]

    @property
    def batch_id(self) -> str:
        """The name of the batch."""
        return str(self.row["batch_id"])

    @property
    def facts(self) -> dict[str, Any]:
        """What was recorded beside its columns."""
        found: dict[str, Any] = json.loads(self.row["facts"])
        return found

    @property
    def sealed(self) -> dict[str, Any]:
        """What an approval and a release are bound to."""
        names = "campaign_id batch_id amount_cents currency payments file_sha256"
        return {name: self.row[name] for name in names.split()}

    def folder(self, home: Path) -> Path:
        """Return where its files are."""
        return batch_folder(home, self.row["campaign_id"], self.batch_id)


def batch_folder(home: Path, campaign_id: str, batch_id: str) -> Path:
    """Return where the files of a batch are."""
    return home / "payouts" / campaign_id / batch_id


def is_batch(home: Path, name: str) -> bool:
    """Return whether a name or a path is that of a batch's folder."""
    campaigns = home / "payouts"
    parents = campaigns.iterdir() if campaigns.exists() else ()
    for folder in (Path(name), *(parent / Path(name).name for parent in parents)):
        path = folder / MANIFEST
        # A name may be too long for a folder, or no text at all.
        with contextlib.suppress(OSError, ValueError):
            # Read plainly: whether it is as it was published is another question.
            return b'"batch_id"' in path.read_bytes()
    return False


def find_batch(book: Book, batch: str) -> Batch:
    """Return the batch given by its id, or by the path of its folder.

    Raises:
        UsageError: the ledger knows no such batch.
    """
    for name in (batch, Path(batch).name):
        row = batch_row(book, name) if _IS_NAME.fullmatch(name) else None
        if row:
            return Batch(row)
    message = (
        f"the ledger knows no batch {batch!r}; nothing was done: name one that "
        "`cashback payout list` shows."
    )
    raise UsageError(message)


def batch_differences(home: Path, batch: Batch) -> list[str]:
    """Return how the files of a batch differ from what the ledger recorded."""
    folder = batch.folder(home)
    if not (folder / MANIFEST).exists():
        return [f"{folder} does not hold it; it was prepared in {batch.facts['home']}"]
    differences = folder_differences(folder, beside=(APPROVAL,))
    for name, recorded in (
        (PAYMENT_FILE, batch.row["file_sha256"]),
        (MANIFEST, batch.facts["manifest_sha256"]),
    ):
        path = folder / name
        if path.exists() and sha256_of_file(path) != recorded:
            differences.append(f"{path} has other bytes than the ledger recorded")
    return differences


def check_batch_files(home: Path, batch: Batch, what_not: str) -> None:
    """Refuse a batch whose files are not as they were prepared.

    Raises:
        LedgerError: a byte of them has changed; *what_not* did not happen.
    """
    differences = batch_differences(home, batch)
    if differences:
        message = (
            f"{differences[0]}, so {what_not}. Restore the files of batch "
            f"{batch.batch_id}: move its folder away for the auditors and prepare run "
            f"{batch.row['run_id']} again."
        )
        raise LedgerError(message)


def refuse_withdrawn(book: Book, batch: Batch, what_not: str) -> None:
    """Refuse to go on with a batch that was withdrawn before it was released.

    Raises:
        LedgerError: it was; *what_not* did not happen.
    """
    rejected = book.rows(
        "select reason from payments where batch_id = :batch_id "
        "and state = 'rejected' limit 1",
        batch_id=batch.batch_id,
    )
    if rejected and not batch.row["released_by"]:
        message = (
            f"batch {batch.batch_id} was {rejected[0]['reason']}, so {what_not}: "
            "prepare its run again, as another batch."
        )
        raise LedgerError(message)
