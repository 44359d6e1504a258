"""What a person was asked about by each run of the close, kept in the home.

The scheduler shows the first question of a run again when its task is cleared, whatever
would be asked now; and who operates it may edit what tasks tell each other. So what was
asked is kept where neither has a say, and an answer is about that, and nothing else.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pipelines.errors import LedgerError
from pipelines.files import canonical_json, digest_of, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

Facts = dict[str, Any]
SAME = ("batch_id", "sha256")


def remember_question(home: Path, run: str, facts: Facts) -> None:
    """Keep what a run asks about; the same again changes nothing.

    Raises:
        LedgerError: it has asked about something else before.
    """
    earlier = _read(home, run)
    if earlier is None:
        write_atomically(_path(home, run), canonical_json(facts))
    elif any(earlier[name] != facts[name] for name in SAME):
        message = (
            f"this run has asked about batch {earlier['batch_id']} before, and the "
            "page would show that question again, so nobody was asked about batch "
            f"{facts['batch_id']}: start the close anew."
        )
        raise LedgerError(message)


def remembered_question(home: Path, run: str) -> Facts:
    """Return what a run has asked about.

    Raises:
        LedgerError: it has asked nothing.
    """
    facts = _read(home, run)
    if facts is None:
        message = (
            "this run has asked nobody about any batch, so nothing was approved: "
            "clear the task that asks, to ask."
        )
        raise LedgerError(message)
    return facts


def _read(home: Path, run: str) -> Facts | None:
    try:
        found: Facts = json.loads(_path(home, run).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found


def _path(home: Path, run: str) -> Path:
    return home / "questions" / f"{digest_of(run)[:32]}.json"
