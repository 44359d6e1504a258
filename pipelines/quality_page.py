"""The checks of a run as one page that opens without a network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pipelines.errors import DifferenceError
from pipelines.pages import page
from pipelines.publish import check_published

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def read_quality(folder: Path) -> dict[str, Any]:
    """Return what the checks found in a published run.

    Raises:
        DifferenceError: the run is not as it was published.
    """
    check_published(folder)
    try:
        text = (folder / "data_quality.json").read_text(encoding="utf-8")
        quality: dict[str, Any] = json.loads(text)
    except (OSError, ValueError) as error:
        message = f"{folder} has no data_quality.json that can be read ({error})."
        raise DifferenceError(message) from error
    return quality


def quality_html(run_id: str, quality: Mapping[str, Any]) -> str:
    """Return the page of a run's checks."""
    suites = list(dict.fromkeys(found["suite"] for found in quality["expectations"]))
    return page("quality.html.j2", run_id=run_id, quality=quality, suites=suites)
