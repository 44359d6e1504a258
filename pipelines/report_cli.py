"""The command that shows a run as a page, on any day after it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.command_line import HOME_OPTION, JSON_OPTION, TODAY_OPTION, command

if TYPE_CHECKING:
    import datetime as dt


@click.command("report")
@click.argument("run")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the page to this file (default: reports/ in the home).",
)
@TODAY_OPTION
@HOME_OPTION
@JSON_OPTION
@command
def report_command(
    *, run: str, out: Path | None, today: dt.date | None, home: Path, as_json: bool
) -> None:
    """Write a run as one page that opens without a network; print where it is.

    It is made from the published tables, and is the run's own report.html but for
    the day from which days left are counted.
    """
    from pipelines.report_page import report_page

    written = report_page(home, run, out, today)
    click.echo(json.dumps(written, indent=2) if as_json else written["path"])
