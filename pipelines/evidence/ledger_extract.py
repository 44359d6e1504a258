"""The entries of the ledger about one batch, and the chain that they stand in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.evidence.archive import Contents
    from pipelines.ledger.entries import Entry
    from pipelines.ledger.ledger import Book
    from pipelines.payout.batches import Batch

ENTRIES, CHAIN = "ledger/entries.ndjson", "ledger/chain.csv"


def ledger_extract(book: Book, batch: Batch) -> Contents:
    """Return what was recorded of a batch and of its run, word for word.

    Of the other entries before the last of these, the hashes alone.
    """
    everything = list(book.entries())
    payments: set[str | None] = {
        entry.content.end_to_end_id
        for entry, _ in everything
        if entry.content.batch_id == batch.batch_id and entry.content.end_to_end_id
    }
    mine = [
        (entry, stored)
        for entry, stored in everything
        if _is_about(entry, batch, payments)
    ]
    last = mine[-1][0].sequence
    lines = [
        json.dumps(
            {"sequence": entry.sequence, "hash": stored, "entry": entry.text},
            ensure_ascii=False,
        )
        for entry, stored in mine
    ]
    chain = [
        f"{entry.sequence},{entry.previous_hash},{stored}"
        for entry, stored in everything
        if entry.sequence <= last
    ]
    return {
        ENTRIES: "".join(f"{line}\n" for line in lines).encode(),
        CHAIN: "".join(
            f"{line}\n" for line in ("sequence,previous_hash,hash", *chain)
        ).encode(),
    }


def _is_about(entry: Entry, batch: Batch, payments: set[str | None]) -> bool:
    content = entry.content
    return (
        content.batch_id == batch.batch_id
        or content.run_id == batch.row["run_id"]
        or (content.end_to_end_id is not None and content.end_to_end_id in payments)
    )
