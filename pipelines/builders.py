"""Who builds the facts and the models of a run: DuckDB here, or Spark elsewhere.

Both read the same ``sql/``, the same terms and the same typed rows, and leave each
result under its name in the database of the run, where all that follows reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pipelines.decide import build_models

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

    from pipelines.deliveries import Deliveries
    from pipelines.kept_facts import KeptFacts
    from pipelines.progress import Progress
    from pipelines.spark.place import SparkPlace
    from pipelines.validated import ValidatedFile, ValidatedStore


class Builder(Protocol):
    """Builds what a run reads and decides."""

    def type_files(
        self,
        store: ValidatedStore,
        deliveries: Deliveries,
        work: Path,
        progress: Progress,
    ) -> None:
        """Type what is best typed elsewhere; what is left, the store types."""

    def build_facts(
        self, con: duckdb.DuckDBPyConnection, files: Sequence[ValidatedFile], work: Path
    ) -> None:
        """Build every fact of the billing rows of *files*."""

    def build_models(
        self, con: duckdb.DuckDBPyConnection, progress: Progress
    ) -> dict[str, int]:
        """Build every model upon the facts; return the row count of each."""

    def close(self) -> None:
        """Leave nothing behind but what lies in the folders that were given."""


def builder_of(place: SparkPlace | None, facts: KeptFacts) -> Builder:
    """Return who builds: Spark if there is a place of it."""
    if place is None:
        return DuckDBBuilder(facts)
    from pipelines.spark.building import SparkBuilder

    return SparkBuilder(place, facts)


class DuckDBBuilder:
    """Builds in the database of the run, from facts kept by earlier runs."""

    def __init__(self, facts: KeptFacts) -> None:
        self._facts = facts

    def type_files(
        self,
        store: ValidatedStore,
        deliveries: Deliveries,
        work: Path,
        progress: Progress,
    ) -> None:
        """Leave every file to the store."""

    def build_facts(
        self, con: duckdb.DuckDBPyConnection, files: Sequence[ValidatedFile], work: Path
    ) -> None:
        """Build every fact: from what is kept, and from what is new."""
        self._facts.build(con, files, work)

    def build_models(
        self, con: duckdb.DuckDBPyConnection, progress: Progress
    ) -> dict[str, int]:
        """Build every model in order."""
        return build_models(con, progress)

    def close(self) -> None:
        """There is nothing elsewhere."""
