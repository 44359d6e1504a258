"""The page that lies beside a generated campaign: how it was made, and its traps."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.generation.casting import Casting
    from pipelines.generation.generate import Order


def write_readme(path: Path, casting: Casting, order: Order) -> None:
    """Write the page of a campaign."""
    path.write_text(f"# A made-up campaign, seed {order.seed}\n", encoding="utf-8")
