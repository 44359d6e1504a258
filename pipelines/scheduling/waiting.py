"""Wait for what a close needs, without a worker in between."""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.sdk import BaseSensorOperator

LOOK_AGAIN = dt.timedelta(minutes=30)
LONGEST = dt.timedelta(days=120)


class CutOffAndSnapshot(BaseSensorOperator):
    """Wait until the cut-off is past, and the last day's licences are there."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            mode="reschedule",
            poke_interval=LOOK_AGAIN.total_seconds(),
            timeout=LONGEST.total_seconds(),
            **kwargs,
        )

    def poke(self, context: Any) -> bool:
        """Look once."""
        from pipelines.scheduling import tasks

        return tasks.is_ready()
