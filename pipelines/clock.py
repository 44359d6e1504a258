"""What day it is: the one place that looks at the clock.

The day decides what is late and when a bank can execute an order; the moment is
recorded, and decides nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.settings import BankSettings


@dataclass(frozen=True)
class Moment:
    """A business day at the bank, and the moment that is recorded with it."""

    today: dt.date
    is_after_cut_off: bool
    recorded_at: str


def moment(
    today: dt.date | None, bank: BankSettings, now: dt.datetime | None = None
) -> Moment:
    """Return the day that is given, at its beginning; or what the clock says."""
    if today is not None:
        return Moment(today, is_after_cut_off=False, recorded_at=f"{today}T00:00:00Z")
    utc = now or dt.datetime.now(dt.UTC)
    at_bank = utc.astimezone(bank.time_zone)
    recorded_at = utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    return Moment(at_bank.date(), at_bank.time() > bank.cut_off, recorded_at)
