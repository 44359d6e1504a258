"""The console script ``cashback``: words in, one clear answer out."""

from __future__ import annotations

import gc
import io
import json
import logging
import shlex
import sys
from pathlib import Path
from typing import Any

import click

from pipelines import __version__
from pipelines.audit_cli import diff_command, reperform_command
from pipelines.command_line import (
    HOME_OPTION,
    JSON_OPTION,
    command,
    engine_options,
    inputs_options,
)
from pipelines.errors import DifferenceError
from pipelines.evidence_cli import evidence_command
from pipelines.explain_cli import explain_command
from pipelines.notify_cli import notify_command, statements_command
from pipelines.payout_cli import ledger, payout
from pipelines.quality_cli import check_command, quality_command, quarantine_group
from pipelines.repaid_cli import repaid_command
from pipelines.report_cli import report_command
from pipelines.whatif_cli import readings_command, whatif_command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("-v", "--verbose", is_flag=True, help="Log each step to stderr.")
def main(*, verbose: bool) -> None:
    """Decide, explain and publish channel incentives.

    Exit codes: 0 done; 1 a check found a difference; 2 wrong usage; 3 the data was
    refused and nothing was published; 4 the campaign or a setting is invalid; 5 it
    would break the ledger or an approval.
    """
    import structlog

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A path may hold what a terminal cannot show: that is no failure.
            stream.reconfigure(errors="backslashreplace")
    # A command lives for seconds, and most of what it makes stays until its end.
    gc.set_threshold(50_000)
    level = logging.INFO if verbose else logging.ERROR
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


@main.command("run")
@inputs_options
@engine_options
@HOME_OPTION
@JSON_OPTION
@command
def run_command(
    *, as_json: bool, engine: str, spark_master: str, **options: Any
) -> None:
    """Pull, validate, decide and publish one run.

    Without options: the 2019 campaign over the shipped sample.
    """
    if engine == "spark":
        from pipelines.spark.place import spark_place

        options["spark"] = spark_place(spark_master)
    from pipelines.progress import Progress
    from pipelines.request import RunRequest
    from pipelines.run import run
    from pipelines.summary import run_summary, summary_text

    with Progress().shown() as progress:
        summary = run_summary(run(RunRequest(**options), progress))
    click.echo(json.dumps(summary, indent=2) if as_json else summary_text(summary))


@main.command("verify")
@click.argument("run_or_batch")
@HOME_OPTION
@JSON_OPTION
@command
def verify_command(*, run_or_batch: str, home: Path, as_json: bool) -> None:
    """Check every byte of a run or a batch; exit 1 on any difference."""
    from pipelines.verify_summary import verify_summary

    summary, text = verify_summary(home, run_or_batch)
    if as_json:
        click.echo(json.dumps(summary, indent=2))
        sys.exit(DifferenceError.exit_code if summary["differences"] else 0)
    if summary["differences"]:
        shown = "\n".join(f"  - {difference}" for difference in summary["differences"])
        message = f"{summary['path']} is not as it was published:\n{shown}"
        raise DifferenceError(message)
    click.echo(text)


@main.command("generate")
@click.option(
    "--customers",
    type=click.IntRange(1),
    required=True,
    help="How many customers; a partner has eight of them on average.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=2019,
    show_default=True,
    help="The same seed gives the same bytes, on any machine.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder to write to; it must not be there yet, or be empty.",
)
@click.option(
    "--campaign",
    default="d365-smb-2019",
    show_default=True,
    help="Id of a shipped campaign, or a campaign file: its days, seats, products.",
)
@click.option(
    "--billing-lines",
    type=click.IntRange(1),
    help="Fill the invoices up to about so many lines, with what decides nothing.",
)
@click.option(
    "--billing-files",
    type=click.IntRange(1),
    help="Spread the lines over so many invoices; a few restated ones come on top.",
)
@JSON_OPTION
@command
def generate_command(*, as_json: bool, **options: Any) -> None:
    """Write synthetic extracts of any size, with the expected decisions beside them.

    The extracts are a source for run, with a --home of its own; expected/ holds what
    its default run decides.
    """
    from dataclasses import asdict

    from pipelines.generation import Order, generate
    from pipelines.progress import Progress

    with Progress().shown() as progress:
        written = asdict(generate(Order(**options), progress))
    if as_json:
        click.echo(json.dumps(written, indent=2))
    else:
        click.echo("\n".join(f"{key}: {value}" for key, value in written.items()))
        place = shlex.quote(str(written["path"]))
        click.echo(f"next: cashback run --source {place} --home ANOTHER_HOME")


main.add_command(check_command)
main.add_command(evidence_command)
main.add_command(explain_command)
main.add_command(reperform_command)
main.add_command(diff_command)
main.add_command(quality_command)
main.add_command(quarantine_group)
main.add_command(report_command)
main.add_command(readings_command)
main.add_command(whatif_command)
payout.add_command(statements_command)
payout.add_command(notify_command)
payout.add_command(repaid_command)
main.add_command(payout)
main.add_command(ledger)

if __name__ == "__main__":
    main(prog_name="cashback")
