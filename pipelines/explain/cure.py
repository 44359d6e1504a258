"""A cure, or an obstacle: what a rule that does not pass comes to.

May import the changes alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from pipelines.explain.changes import Change

CUSTOMER, PARTNER, PROVIDER = "customer", "partner", "provider"


@dataclass(frozen=True)
class Cure:
    """One thing that would make a rule pass, as a person and as the extracts say it."""

    rule_id: str
    text: str
    # Who has to do it, and the last day on which it counts; None: at any time.
    who: str
    by: dt.date | None
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Obstacle:
    """Why nothing that anybody can do makes a rule pass."""

    rule_id: str
    text: str
