"""The files of a batch: payout.csv, payout.xml, and the manifest that ties them.

They are a function of what the ledger records, of the run, and of the settings: what
was lost can be written again, to the byte.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.errors import DataError
from pipelines.files import PRIVATE_FILE, canonical_json, digest_of
from pipelines.manifest import MANIFEST
from pipelines.payout.pain001 import render
from pipelines.payout.payment_faults import payment_file_faults
from pipelines.payout.payout_csv import render_csv

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from pipelines.payout.payment import PaymentFile

PAYMENT_FILE, PAYMENT_LIST, APPROVAL = "payout.xml", "payout.csv", "approval.json"
FORMAT = 1


@dataclass(frozen=True)
class BatchFiles:
    """The bytes of a batch's folder, by file name."""

    contents: dict[str, bytes]

    @property
    def payment_file_sha256(self) -> str:
        """The digest of the file that the bank gets."""
        return hashlib.sha256(self.contents[PAYMENT_FILE]).hexdigest()

    @property
    def manifest_sha256(self) -> str:
        """The digest of the manifest, which names those of the other files."""
        return hashlib.sha256(self.contents[MANIFEST]).hexdigest()

    def write_to(self, folder: Path) -> None:
        """Write the files; only their owner may read the one that names accounts."""
        for name, content in self.contents.items():
            path = folder / name
            if name == PAYMENT_FILE:
                path.touch(mode=PRIVATE_FILE)
            path.write_bytes(content)


def batch_files(
    file: PaymentFile, pay_by: dt.date, calendar: str, facts: dict[str, Any]
) -> BatchFiles:
    """Return the files of a batch, looked over once more.

    *facts* is what the manifest says beside the batch itself.

    Raises:
        DataError: the payment file is not one that a bank should get.
    """
    xml = render(file)
    # What is late anyway is decided at the release, by a person with a reason.
    due = pay_by if file.execution_date <= pay_by else None
    faults = payment_file_faults(xml, file, pay_by=due, calendar=calendar)
    if faults:
        message = (
            f"the payment file of batch {file.batch_id} is not one to send, so nothing "
            f"was prepared: {faults[0]}. Correct the settings or the bank account."
        )
        raise DataError(message)
    contents = {PAYMENT_LIST: render_csv(file), PAYMENT_FILE: xml}
    manifest = {
        "format": FORMAT,
        "campaign_id": file.campaign_id,
        "batch_id": file.batch_id,
        "message_id": file.message_id,
        "payments": file.count,
        "total": str(file.control_sum),
        "execution_date": str(file.execution_date),
        "pay_by": str(pay_by),
        **facts,
        "outputs": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in contents.items()
        },
    }
    sealed = manifest | {"manifest_sha256": digest_of(manifest)}
    return BatchFiles(contents | {MANIFEST: canonical_json(sealed).encode()})
