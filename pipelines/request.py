"""What a run is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from pipelines.spark.place import SparkPlace

DEFAULT_CAMPAIGN = "d365-smb-2019"
DEFAULT_MAX_QUARANTINE_SHARE = Decimal("0.05")


@dataclass(frozen=True)
class RunRequest:
    """What a run is asked for; dates left out are found in the deliveries."""

    source: str
    home: Path
    campaign: str = DEFAULT_CAMPAIGN
    as_of: dt.date | None = None
    known_at: dt.date | None = None
    max_quarantine_share: Decimal = DEFAULT_MAX_QUARANTINE_SHARE
    # Where the models run: on Spark there, or in this process. The bytes are the same.
    spark: SparkPlace | None = None
