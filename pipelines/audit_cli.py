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


@click.command("diff")
@click.argument("run_a")
@click.argument("run_b")
@HOME_OPTION
@JSON_OPTION
@command
def diff_command(*, run_a: str, run_b: str, home: Path, as_json: bool) -> None:
    """Show what changed from one run to another, for whom, and by which cause.

    Late or restated data, master data, terms, dates and code, replayed one at a time:
    the parts add up to the change. Exit 0, with or without changes.
    """
    from pipelines.difference.difference import difference
    from pipelines.difference.summary import difference_summary, difference_text
    from pipelines.progress import Progress
    from pipelines.recorded import recorded_run

    with Progress().shown() as progress:
        runs = recorded_run(home, run_a), recorded_run(home, run_b)
        found = difference(*runs, progress)
    summary = difference_summary(found) if as_json else None
    click.echo(json.dumps(summary, indent=2) if as_json else difference_text(found))
