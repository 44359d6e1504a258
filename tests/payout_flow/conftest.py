"""A home with runs, a ledger of either kind, and a bank."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ledger_fixtures import ledger, ledger_url, postgresql_server
from tests.payout_flow.runs import Runs
from tests.payout_flow.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["ledger", "ledger_url", "postgresql_server"]

Staging = "Callable[..., tuple[Stage, *tuple[str, ...]]]"


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Return the runs, none of them computed yet."""
    return Runs(tmp_path_factory.mktemp("runs"))


@pytest.fixture
def staged(runs: Runs, tmp_path: Path) -> Callable[..., tuple[Stage, *tuple[str, ...]]]:
    """Return how to get a home of one's own with the runs of some days."""

    def stage(*days: str, url: str | None = None) -> tuple[Stage, *tuple[str, ...]]:
        ids = runs.ids(*days)
        made = Stage(tmp_path, url)
        runs.copy_to(made.home)
        return (made, *ids)

    return stage
