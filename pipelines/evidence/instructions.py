"""The page that tells an auditor what is in a pack, and how to check it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.evidence.checks import Check
    from pipelines.recorded import RecordedRun

README, CHECKS = "README.txt", "checks.sql"
BY_PYTHON = (
    "python3 -c 'import duckdb; c = duckdb.connect(); "
    '[print(c.execute(s).fetchall() or "agrees") '
    'for s in c.extract_statements(open("checks.sql").read())]\''
)
_FILES = {
    "README.txt": "this page",
    "SHA256SUMS": "the digest of every other file",
    "checks.sql": "the SELECTs below, to be run as they are",
    "statement.json": "what was made from what: an in-toto statement v1 with SLSA "
    "provenance v1. It is not signed",
    "run/": "all that the run published: its manifest, decisions, rules, payouts, "
    "seats over time, quality, and the page for people",
    "terms/": "the terms of the campaign, each with its clause, and the price list",
    "sql/": "the SQL that decided; the manifest has the digest of each file",
    "expectations/": "what had to hold before anything was published",
    "inputs.json": "every file that was read: its digest, rows, source and receipt",
    "batch/": "the payments as people approved them, and the approval",
    "ledger/": "the entries about the batch, and the hashes of all up to the last",
}


def checks_sql(checks: Iterable[Check]) -> str:
    """Return the checks as a file that DuckDB runs."""
    return "\n".join(
        f"-- {number}. {sentence}\n{query.strip()};\n"
        for number, (sentence, query) in enumerate(checks, start=1)
    )


def instructions(  # noqa: PLR0913, PLR0917 - a page tells of all there is
    what: tuple[str, str],
    run: RecordedRun,
    names: Sequence[str],
    checks: Sequence[Check],
    absent: Sequence[str],
    elsewhere: Sequence[tuple[str, str]],
) -> str:
    """Return the page of a pack that holds *names*.

    *absent*: what decided and is not here any more. *elsewhere*: files that were left
    out on purpose, with their digests.
    """
    here = [*names, README, "SHA256SUMS"]
    files = [
        textwrap.fill(
            text,
            80,
            initial_indent=f"  {place:<16}",
            subsequent_indent=" " * 18,
            break_on_hyphens=False,
        )
        for place, text in _FILES.items()
        if any(name == place or name.startswith(place) for name in here)
    ]
    notes = [
        f"  Not here, because this version of the program has another: {name}"
        for name in absent
    ]
    notes += [
        f"  Left out, because it names accounts: {name}\n    SHA-256 {sha256}"
        for name, sha256 in elsewhere
    ]
    return "\n".join(
        [
            f"EVIDENCE OF {what[0].upper()} {what[1]}",
            "",
            f"Run {run.run_id} of the campaign {run.manifest['campaign_id']}:",
            f"seats on {run.manifest['measured_on']}, known on "
            f"{run.manifest['known_at']}. No bank account is named in this pack.",
            "",
            "WHAT IS HERE",
            "",
            *files,
            *notes,
            "",
            "HOW TO CHECK IT",
            "",
            "Nothing of the program is needed. In the folder of this page:",
            "",
            "1. Every byte is as it was packed. It prints OK for each file:",
            "",
            "  sha256sum -c SHA256SUMS",
            "",
            "2. The figures agree with each other. With the command of DuckDB, or with",
            "   its Python package. Each SELECT returns what contradicts its sentence:",
            "   no row is right. The second command prints agrees for it:",
            "",
            "  duckdb < checks.sql",
            f"  {BY_PYTHON}",
            "",
            "3. This is the pack that you were to get: compare the SHA-256 of the zip",
            "   with the one that you were told on another way.",
            "",
            "To ask more: the metadata of each Parquet file says what its columns are,",
            "under the key columns. Why one customer was not paid:",
            "",
            "  select rule_id, clause, verdict, observed, required, evidence",
            "  from 'run/rule_results.parquet'",
            "  where customer_id = 'ID' and verdict <> 'pass';",
            "",
            "THE CHECKS",
            "",
            checks_sql(checks),
        ]
    )
