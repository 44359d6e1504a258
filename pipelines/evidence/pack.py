"""Write a run, or a batch with its run, as one file that an auditor can check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.errors import DifferenceError
from pipelines.evidence.archive import write_archive
from pipelines.evidence.batch_checks import APPROVAL_CHECKS, BATCH_CHECKS
from pipelines.evidence.checks import RUN_CHECKS
from pipelines.evidence.instructions import CHECKS, README, checks_sql, instructions
from pipelines.evidence.ledger_extract import ledger_extract
from pipelines.evidence.run_contents import missing, run_contents
from pipelines.evidence.statement import STATEMENT, statement
from pipelines.files import canonical_json, sha256_of_file
from pipelines.ledger.ledger import Ledger
from pipelines.manifest import MANIFEST
from pipelines.payout.batch_files import APPROVAL, PAYMENT_FILE, PAYMENT_LIST
from pipelines.payout.batches import find_batch, is_batch
from pipelines.payout.verify_batch import verify_batch
from pipelines.recorded import RecordedRun, recorded_run
from pipelines.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipelines.evidence.archive import Contents
    from pipelines.evidence.checks import Check


def evidence_pack(home: Path, name: str, out: Path) -> dict[str, Any]:
    """Write the evidence of a run or a batch to *out*; return what was written.

    Raises:
        UsageError: there is neither such a run nor such a batch, or *out* is taken.
        DifferenceError: a byte of it is not as it was published, or as recorded.
        HomeError: *out* cannot be written.
    """
    if is_batch(home, name):
        return _batch_pack(home, name, out)
    run = recorded_run(home, name)
    return _written(out, ("run", run.run_id), run, run_contents(run), RUN_CHECKS, {})


def _batch_pack(home: Path, name: str, out: Path) -> dict[str, Any]:
    settings = load_settings(home)
    batch, differences = verify_batch(home, name, settings)
    if differences:
        message = (
            f"{differences[0]}, so there is no evidence pack. Look at the whole batch "
            "with `cashback verify`."
        )
        raise DifferenceError(message)
    run = recorded_run(home, batch.row["run_id"])
    folder = batch.folder(home)
    contents = run_contents(run)
    # Named one by one: the payment file, which names accounts, is never among them.
    for file in (PAYMENT_LIST, MANIFEST, APPROVAL):
        if (folder / file).exists():
            contents[f"batch/{file}"] = folder / file
    with Ledger.open(home, settings.ledger_address).reading() as book:
        contents |= ledger_extract(book, find_batch(book, batch.batch_id))
    checks = [*RUN_CHECKS, *BATCH_CHECKS]
    if f"batch/{APPROVAL}" in contents:
        checks += APPROVAL_CHECKS
    others = {f"batch/{PAYMENT_FILE}": sha256_of_file(folder / PAYMENT_FILE)}
    return _written(out, ("batch", batch.batch_id), run, contents, checks, others)


def _written(  # noqa: PLR0913, PLR0917 - a pack is all of these
    out: Path,
    what: tuple[str, str],
    run: RecordedRun,
    contents: Contents,
    checks: Sequence[Check],
    others: dict[str, str],
) -> dict[str, Any]:
    absent = missing(run, contents)
    said = canonical_json(statement(run, contents, others))
    contents[STATEMENT] = said.encode()
    contents[CHECKS] = checks_sql(checks).encode()
    page = instructions(
        what, run, sorted(contents), checks, absent, sorted(others.items())
    )
    contents[README] = page.encode()
    is_new = write_archive(contents, out)
    kind, name = what
    return {
        f"{kind}_id": name,
        "path": str(out),
        "sha256": sha256_of_file(out),
        "files": len(contents) + 1,
        "is_new": is_new,
    }
