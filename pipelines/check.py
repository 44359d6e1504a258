"""Try a source before it is delivered: every check on the data, and no run."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.campaign import load_campaign
from pipelines.files import working_folder
from pipelines.home import usable
from pipelines.quality import feed_rows
from pipelines.run import prepared

if TYPE_CHECKING:
    from pipelines.expectations import Verdict
    from pipelines.progress import Progress
    from pipelines.request import RunRequest


@dataclass(frozen=True)
class Checked:
    """What was found in a source."""

    known_at: str
    rows: dict[str, dict[str, int]]
    notices: tuple[str, ...]
    verdicts: tuple[Verdict, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the findings as JSON has them."""
        return {
            "known_at": self.known_at,
            "is_refused": any(verdict.is_fatal for verdict in self.verdicts),
            "rows": self.rows,
            "notices": list(self.notices),
            "expectations": [verdict.as_dict() for verdict in self.verdicts],
        }


def check(request: RunRequest, progress: Progress) -> Checked:
    """Pull into a home that is gone afterwards, type, and judge every feed.

    Raises:
        CashbackError: whatever a run would be refused for before its feeds are judged.
    """
    campaign = load_campaign(request.campaign)
    with tempfile.TemporaryDirectory(prefix="cashback-check-") as folder:
        request = replace(request, home=Path(folder))
        with usable(request.home), working_folder(request.home) as work:
            job, notices = prepared(request, campaign, work, progress)
            files = job.validated(work, progress)
            with job.opened(work) as (judge, con):
                job.ask(judge, con, files, work)
                verdicts = job.answers(judge)
    return Checked(
        str(job.dates.known_at),
        feed_rows(files),
        (*job.deliveries.notices, *notices),
        tuple(verdicts),
    )
