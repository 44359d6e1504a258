"""What ``cashback reperform`` says, for a person and for a program."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pipelines.reperformance.agreement import agreement_path

if TYPE_CHECKING:
    from pipelines.reperformance.comparison import TableComparison
    from pipelines.reperformance.reperform import Reperformed
    from pipelines.reperformance.same_code import SameCode


def reperformed_summary(found: Reperformed) -> dict[str, Any]:
    """Return what ``cashback reperform --json`` prints."""
    code, read = found.same_code, found.second_reading
    return {
        "run_id": found.run.run_id,
        "path": str(found.run.folder),
        "agrees": not found.differences,
        "changed_files": list(found.changed),
        "sql": code
        and {
            "is_same_version": code.is_same_version,
            "is_same_bytes": not code.different_files and not code.refusal,
            "different_files": list(code.different_files),
            "refusal": code.refusal,
            "tables": _tables(code.tables),
        },
        "python": read and {"refusal": read.refusal, "tables": _tables(read.tables)},
        "differences": list(found.differences),
        "agreement": found.agreement,
    }


def reperformed_text(found: Reperformed) -> str:
    """Return the same in words, if nothing differs."""
    run = found.run
    files = len(run.received())
    lines = [f"run {run.run_id}, computed again from {files:,} files as received:"]
    if found.same_code:
        lines.append(f"  same code       {_same_code_words(found.same_code)}")
    if found.second_reading:
        lines.append("  second reading  every row agrees")
        lines += [
            f"    {table.table:<18} {table.rows:>10,} rows"
            for table in found.second_reading.tables
        ]
    if found.agreement:
        lines.append(f"that the engines agree is recorded: {agreement_path(run)}")
    return "\n".join(lines)


def differences_text(found: Reperformed) -> str:
    """Return the sentence that refuses, and every difference below it."""
    shown = "\n".join(f"  - {difference}" for difference in found.differences)
    return (
        f"run {found.run.run_id} is not what its inputs and terms give; no payment can "
        f"be prepared from it:\n{shown}"
    )


def _same_code_words(code: SameCode) -> str:
    if code.is_same_version:
        return "every byte is the same"
    rows = sum(table.rows for table in code.tables)
    return (
        f"the code has changed since, so rows were compared, not bytes: all {rows:,} "
        "agree"
    )


def _tables(tables: tuple[TableComparison, ...]) -> list[dict[str, Any]]:
    return [
        {
            "table": table.table,
            "rows": table.rows,
            "different_rows": table.different_rows,
            "examples": [asdict(example) for example in table.examples],
        }
        for table in tables
    ]
