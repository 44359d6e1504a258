"""The command that hands a run or a batch to an auditor."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pipelines.command_line import HOME_OPTION, JSON_OPTION, command


@click.command("evidence")
@click.argument("run_or_batch")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="Write the pack to this file, a zip.",
)
@HOME_OPTION
@JSON_OPTION
@command
def evidence_command(
    *, run_or_batch: str, out: Path, home: Path, as_json: bool
) -> None:
    """Write all that shows how a run or batch came about as one file.

    Its README.txt tells an auditor how to check it with sha256sum and DuckDB alone. No
    bank account is in it. The same run, or batch, gives the same bytes.
    """
    from pipelines.evidence.pack import evidence_pack

    written = evidence_pack(home, run_or_batch, out)
    if as_json:
        click.echo(json.dumps(written, indent=2))
        return
    click.echo(f"{written['path']}: {written['files']} files")
    click.echo(f"sha256 {written['sha256']}")
    click.echo("next: tell the auditor this digest on another way than the file")
