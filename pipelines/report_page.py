"""A published run as a page of a given day, written where people look for it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from pipelines.banking_days import days_left
from pipelines.clock import moment
from pipelines.errors import HomeError, UsageError
from pipelines.files import working_folder, write_atomically
from pipelines.manifest import MANIFEST, read_manifest
from pipelines.quality_page import read_quality
from pipelines.report import customer_rows, report_html
from pipelines.report_queries import answered
from pipelines.settings import load_settings
from pipelines.verify import find_run

if TYPE_CHECKING:
    from pathlib import Path


def report_page(
    home: Path, run: str, out: Path | None, today: dt.date | None
) -> dict[str, Any]:
    """Write the page of a run; return where it is, and what it counts from.

    Raises:
        UsageError: there is no such run, or the file would be part of a run.
        DifferenceError: the run is not as it was published.
        HomeError: the file cannot be written.
    """
    folder = find_run(home, run)
    quality, manifest = read_quality(folder), read_manifest(folder)
    day = moment(today, load_settings(home).bank).today
    path = out or home / "reports" / f"{manifest['run_id']}.html"
    _refuse_published(path)
    try:
        rules = [rule["id"] for rule in manifest["terms"]["rules"]]
        with working_folder(home) as work:
            found = answered(folder, rules, work)
        minimum_seats = int(manifest["terms"]["seats"]["minimum"]["value"])
        customers = customer_rows(found, minimum_seats)
        html = report_html(found, customers, manifest, quality, day)
        write_atomically(path, html)
    except OSError as error:
        message = (
            f"{path} cannot be written ({error.strerror}); no page was made. Give "
            "--out a file in a folder that can be written."
        )
        raise HomeError(message) from error
    return {
        "run_id": manifest["run_id"],
        "path": str(path),
        "today": str(day),
        "pay_by": manifest["pay_by"],
        "days_left": days_left(day, dt.date.fromisoformat(manifest["pay_by"])),
    }


def _refuse_published(path: Path) -> None:
    """Keep what was published as it is."""
    if (path.resolve().parent / MANIFEST).exists():
        message = (
            f"{path} lies in a published folder, which never changes; no page was "
            "made. Give --out a file elsewhere."
        )
        raise UsageError(message)
