"""The versions that a result depends on: our own files, and the engines'."""

from __future__ import annotations

import functools
import hashlib
from importlib.metadata import version
from typing import TYPE_CHECKING

from pipelines.paths import (
    AUDITS_DIR,
    DICTIONARY,
    EXPECTATIONS_DIR,
    PROJECT_DIR,
    SQL_DIR,
    TEMPLATES_DIR,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# A file is typed by these; another version of one of them types it again.
_VALIDATING_MODULES = (
    "account_problems",
    "bank_account",
    "careful_csv",
    "coded_cells",
    "dictionary",
    "engine",
    "feeds",
    "file_typing",
    "header",
    "line_counter",
    "odd_lines",
    "plain_ids",
    "raw_records",
    "record_keys",
    "text_scan",
    "typed_rows",
    "typing_by_value",
    "validation",
    "value_parts",
)
_FACTS_MODULES = (
    "billing_rows",
    "campaign_tables",
    "engine",
    "fact_parts",
    "kept_facts",
    "models",
    "united_facts",
)
_ENGINES = ("duckdb", "pyarrow", "python-stdnum")


@functools.cache
def validating_version() -> str:
    """Return the digest of all that decides how a file is typed."""
    modules = [PROJECT_DIR / "pipelines" / f"{name}.py" for name in _VALIDATING_MODULES]
    return _digest(
        [
            *modules,
            *(SQL_DIR / "functions").glob("*.sql"),
            *(SQL_DIR / "staging").glob("*.sql"),
            DICTIONARY,
        ]
    )


@functools.cache
def facts_version() -> str:
    """Return the digest of all that decides what the facts of typed rows are."""
    modules = [PROJECT_DIR / "pipelines" / f"{name}.py" for name in _FACTS_MODULES]
    return _digest([*modules, *(SQL_DIR / "facts").glob("*.sql")])


@functools.cache
def code_version() -> str:
    """Return the digest of all code, SQL and suites that a run's bytes depend on."""
    modules = (PROJECT_DIR / "pipelines").rglob("*.py")
    return _digest(
        [
            *modules,
            *SQL_DIR.rglob("*.sql"),
            *AUDITS_DIR.glob("*.sql"),
            *EXPECTATIONS_DIR.glob("*.yaml"),
            # What makes the page, and what the columns say of themselves.
            *TEMPLATES_DIR.iterdir(),
            DICTIONARY,
        ]
    )


def engine_versions() -> dict[str, str]:
    """Return the versions of the libraries that compute and write."""
    return {name: version(name) for name in _ENGINES}


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256(repr(engine_versions()).encode())
    for path in sorted(paths):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        name = path.relative_to(PROJECT_DIR).as_posix()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
