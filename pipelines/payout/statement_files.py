"""Statements as files: sealed once the batch is released, so that none changes later.

``HOME/statements/<campaign>/<batch>/`` stands beside the batch, whose own folder is
sealed. It holds what partners are told, and a manifest of it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import quote

from pipelines.errors import UsageError
from pipelines.files import canonical_json, digest_of, working_folder
from pipelines.ledger.ledger import Ledger
from pipelines.manifest import MANIFEST, read_manifest
from pipelines.payout.batches import check_batch_files, find_batch, refuse_withdrawn
from pipelines.payout.statements import Statement, statements
from pipelines.publish import check_published, publish_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipelines.payout.batches import Batch
    from pipelines.settings import Settings

FORMAT = 1
LONGEST_NAME = 100


def statements_folder(home: Path, batch: Batch) -> Path:
    """Return where the statements of a batch are."""
    return home / "statements" / str(batch.row["campaign_id"]) / batch.batch_id


def file_name(partner_id: str) -> str:
    """Return a partner's id as a file's name, whatever it holds.

    >>> file_name("4310002"), file_name("../x")
    ('statement-4310002', 'statement-..%2Fx')
    """
    name = quote(partner_id, safe="")
    if len(name) > LONGEST_NAME:
        name = hashlib.sha256(partner_id.encode()).hexdigest()
    return f"statement-{name}"


def seal_statements(home: Path, batch: Batch, found: Sequence[Statement]) -> Path:
    """Put the statements of a released batch in their place; return it.

    Those that are there stay: a later version of this code might write others.

    Raises:
        DifferenceError: what is there has changed since.
    """
    folder = statements_folder(home, batch)
    if folder.exists():
        check_published(folder)
        return folder
    with working_folder(home) as work:
        draft = work / "statements"
        draft.mkdir(mode=0o755)
        contents = _write(draft, found)
        manifest = {
            "format": FORMAT,
            "campaign_id": batch.row["campaign_id"],
            "batch_id": batch.batch_id,
            "run_id": batch.row["run_id"],
            # By which a later batch knows that it has nothing new to say.
            "said": {statement.partner_id: statement.said for statement in found},
            "outputs": contents,
        }
        sealed = manifest | {"manifest_sha256": digest_of(manifest)}
        (draft / MANIFEST).write_text(canonical_json(sealed), encoding="utf-8")
        publish_folder(draft, folder)
    return folder


def _write(folder: Path, found: Sequence[Statement]) -> dict[str, dict[str, object]]:
    contents: dict[str, dict[str, object]] = {}
    for statement in found:
        for suffix, content in ((".html", statement.html()), (".csv", statement.csv())):
            name = file_name(statement.partner_id) + suffix
            (folder / name).write_bytes(content)
            digest = hashlib.sha256(content).hexdigest()
            contents[name] = {"sha256": digest, "bytes": len(content)}
    return contents


def said_before(home: Path, batch: Batch) -> dict[str, str]:
    """Return what the statements of an earlier batch said, as digests by partner."""
    folder = statements_folder(home, batch)
    if not (folder / MANIFEST).exists():
        return {}
    said: dict[str, str] = read_manifest(folder)["said"]
    return said


def write_statements(
    home: Path, batch_name: str, out: Path | None, settings: Settings
) -> tuple[Batch, Path, int]:
    """Write each partner's statement as HTML and CSV; return where, and how many.

    Raises:
        UsageError: there is no such batch, its run is in another home, or it is a
            draft that was given no folder.
        LedgerError: the batch was withdrawn, or its files have changed.
        DifferenceError: the run, or a statement that is there, has changed.
    """
    ledger = Ledger.open(home, settings.ledger_address)
    with ledger.reading() as book, working_folder(home) as work:
        batch = find_batch(book, batch_name)
        refuse_withdrawn(book, batch, "no statement was written")
        check_batch_files(home, batch, "no statement was written")
        if out is None and not batch.row["released_by"]:
            message = (
                f"batch {batch.batch_id} is not released, so its statements are drafts "
                "and none was written: say with --out where drafts go."
            )
            raise UsageError(message)
        found = statements(home, batch, book, work)
    if out is None:
        return batch, seal_statements(home, batch, found), len(found)
    out.mkdir(parents=True, exist_ok=True)
    _write(out, found)
    return batch, out, len(found)
