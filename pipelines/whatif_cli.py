"""The commands that ask what other terms would decide: ``whatif`` and ``readings``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from pipelines.command_line import HOME_OPTION, JSON_OPTION, command

if TYPE_CHECKING:
    from pathlib import Path


@click.command("whatif")
@click.argument("run")
@click.option(
    "--set",
    "settings",
    multiple=True,
    required=True,
    metavar="KEY=VALUE",
    help=(
        "A term by its key in the campaign file: seats.minimum=20. A list is YAML: "
        "'competencies.levels=[Gold]'. Repeatable."
    ),
)
@HOME_OPTION
@JSON_OPTION
@command
def whatif_command(
    *, run: str, settings: tuple[str, ...], home: Path, as_json: bool
) -> None:
    """Decide a run's inputs under other terms. It is not a payout."""
    from pipelines.files import working_folder
    from pipelines.progress import Progress
    from pipelines.recorded import recorded_run
    from pipelines.whatif.summary import whatif_summary, whatif_text
    from pipelines.whatif.whatif import OtherTerms, parsed_changes

    changes = parsed_changes(settings)
    recorded = recorded_run(home, run)
    with Progress().shown() as progress, working_folder(home) as work:
        found = OtherTerms(recorded, work, progress).under(changes)
    summary = whatif_summary(found)
    click.echo(json.dumps(summary, indent=2) if as_json else whatif_text(summary))


@click.command("readings")
@click.argument("run")
@HOME_OPTION
@JSON_OPTION
@command
def readings_command(*, run: str, home: Path, as_json: bool) -> None:
    """Price every other reading of the terms, each alone, in customers and dollars."""
    from pipelines.files import working_folder
    from pipelines.progress import Progress
    from pipelines.recorded import recorded_run
    from pipelines.whatif.readings import priced
    from pipelines.whatif.summary import readings_summary, readings_text
    from pipelines.whatif.whatif import OtherTerms

    recorded = recorded_run(home, run)
    with Progress().shown() as progress, working_folder(home) as work:
        found = list(priced(OtherTerms(recorded, work, progress)))
    summary = readings_summary(recorded.run_id, found)
    click.echo(json.dumps(summary, indent=2) if as_json else readings_text(summary))
