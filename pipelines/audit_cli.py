"""The commands that hold one run against itself, and against another."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from pipelines.command_line import HOME_OPTION, JSON_OPTION, command
from pipelines.errors import DifferenceError

if TYPE_CHECKING:
    from pathlib import Path


@click.command("reperform")
@click.argument("run")
@click.option(
    "--engine",
    type=click.Choice(["sql", "python", "both"]),
    default="both",
    show_default=True,
    help="By which engine: the same code, the second reading, or both.",
)
@HOME_OPTION
@JSON_OPTION
@command
def reperform_command(*, run: str, engine: str, home: Path, as_json: bool) -> None:
    """Compute a run again from what was received, and compare it row by row.

    By the same code, in an empty home, and by an independent reading of the rules in
    plain Python. Exit 1 on any difference. That both agree is recorded; payments are
    prepared from such runs alone.
    """
    from pipelines.files import working_folder
    from pipelines.progress import Progress
    from pipelines.recorded import recorded_run
    from pipelines.reperformance.agreement import record_agreement
    from pipelines.reperformance.reperform import ENGINES, reperform
    from pipelines.reperformance.summary import (
        differences_text,
        reperformed_summary,
        reperformed_text,
    )

    with Progress().shown() as progress:
        found = reperform(recorded_run(home, run), ENGINES[engine], progress)
    if found.agreement:
        with working_folder(found.run.home) as work:
            record_agreement(found.run, found.agreement, work)
    if as_json:
        click.echo(json.dumps(reperformed_summary(found), indent=2))
        sys.exit(DifferenceError.exit_code if found.differences else 0)
    if found.differences:
        raise DifferenceError(differences_text(found))
    click.echo(reperformed_text(found))
