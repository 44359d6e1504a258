"""The console script ``cashback``: words in, one clear answer out."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

import click

from pipelines.command_line import HOME_OPTION, JSON_OPTION, Day, Share, command
from pipelines.errors import DifferenceError
from pipelines.paths import SAMPLE_DIR
from pipelines.payout_cli import ledger, payout


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cashback")
@click.option("-v", "--verbose", is_flag=True, help="Log each step to stderr.")
def main(*, verbose: bool) -> None:
    """Decide, explain and publish channel incentives.

    Exit codes: 0 done; 1 a check found a difference; 2 wrong usage; 3 the data was
    refused and nothing was published; 4 the campaign or a setting is invalid; 5 it
    would break the ledger or an approval.
    """
    import structlog

    level = logging.INFO if verbose else logging.ERROR
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


@main.command("run")
@click.option(
    "--source",
    default=str(SAMPLE_DIR),
    show_default="the shipped sample",
    help="Folder or fsspec URI of the extracts: SOURCE/<feed>/<date>/<file>.",
)
@HOME_OPTION
@click.option(
    "--campaign",
    default="d365-smb-2019",
    show_default=True,
    help="Id of a shipped campaign, or a campaign file.",
)
@click.option("--as-of", type=Day(), help="Business date that seats are counted on.")
@click.option("--known-at", type=Day(), help="Ignore deliveries after this date.")
@click.option(
    "--max-quarantine-share",
    type=Share(),
    default="0.05",
    show_default=True,
    help="Refuse a feed of which more than this share of rows is faulty.",
)
@JSON_OPTION
@command
def run_command(*, as_json: bool, **options: Any) -> None:
    """Pull, validate, decide and publish one run.

    Without options: the 2019 campaign over the shipped sample.
    """
    from pipelines.progress import Progress
    from pipelines.run import RunRequest, run
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
@click.option("--customers", type=click.IntRange(1), required=True)
@click.option("--seed", type=int, default=2019, show_default=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option(
    "--billing-lines", type=click.IntRange(1), help="Fill up to about so many lines."
)
@click.option("--billing-files", type=click.IntRange(1), help="Spread over N invoices.")
@JSON_OPTION
@command
def generate_command(*, as_json: bool, **options: Any) -> None:
    """Write synthetic extracts of any size, with the expected decisions beside them."""
    from dataclasses import asdict

    from pipelines.generation import generate

    summary = asdict(generate(**options))
    if as_json:
        click.echo(json.dumps(summary, indent=2, default=str))
    else:
        click.echo("\n".join(f"{key}: {value}" for key, value in summary.items()))


main.add_command(payout)
main.add_command(ledger)

if __name__ == "__main__":
    main()
