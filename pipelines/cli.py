"""The console script ``cashback``: words in, one clear answer out."""

from __future__ import annotations

import datetime as dt
import functools
import io
import json
import logging
import os
import shlex
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines import __version__
from pipelines.errors import CashbackError, DifferenceError
from pipelines.paths import DEFAULT_HOME, SAMPLE_DIR

if TYPE_CHECKING:
    from collections.abc import Callable


class _Day(click.ParamType[dt.date]):
    name = "date"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.date:
        if isinstance(value, dt.date):
            return value
        try:
            return dt.datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2019-06-30", param, ctx)


class _Home(click.Path):
    name = "folder"

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        if not str(value).strip():
            # It would be the folder that one stands in.
            self.fail("is blank: name a folder", param, ctx)
        return super().convert(value, param, ctx)


class _Share(click.ParamType[Decimal]):
    name = "share"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        try:
            share = Decimal(str(value))
        except InvalidOperation:
            share = Decimal("NaN")
        if share.is_nan() or not 0 <= share <= 1:
            self.fail(f"{value!r} is not a share between 0 and 1", param, ctx)
        return abs(share)  # -0 is 0


HOME_OPTION = click.option(
    "--home",
    type=_Home(file_okay=False, path_type=Path),
    envvar="CASHBACK_HOME",
    default=DEFAULT_HOME,
    show_default="data/home",
    help="Folder that keeps all state (or the setting CASHBACK_HOME).",
)
JSON_OPTION = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document on stdout."
)


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Turn every error into one sentence and an exit code; never a traceback."""

    @functools.wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
        except BrokenPipeError:
            raise  # whoever reads has had enough: click knows how to end then
        except CashbackError as error:
            click.echo(f"cashback: {error}", err=True)
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("cashback: stopped; nothing was published.", err=True)
            sys.exit(130)
        except Exception as error:
            if os.environ.get("CASHBACK_DEBUG"):
                raise
            click.echo(
                f"cashback: unexpected {type(error).__name__}: {_first_line(error)}; "
                "nothing was published. Set CASHBACK_DEBUG=1 to see where, and report "
                "it as a defect.",
                err=True,
            )
            sys.exit(1)

    return guarded


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["without a message"])[0]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("-v", "--verbose", is_flag=True, help="Log each step to stderr.")
def main(*, verbose: bool) -> None:
    """Decide, explain and publish channel incentives.

    Exit codes: 0 done; 1 a check found a difference; 2 wrong usage; 3 the data was
    refused and nothing was published; 4 the campaign or a setting is invalid.
    """
    import structlog

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A path may hold what a terminal cannot show: that is no failure.
            stream.reconfigure(errors="backslashreplace")
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
@click.option("--as-of", type=_Day(), help="Business date that seats are counted on.")
@click.option("--known-at", type=_Day(), help="Ignore deliveries after this date.")
@click.option(
    "--max-quarantine-share",
    type=_Share(),
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
    """Check every byte of a run against its manifest; exit 1 on any difference."""
    from pipelines.verify import find_run, verify_run

    folder = find_run(home, run_or_batch)
    manifest, differences = verify_run(home, folder)
    if as_json:
        result = {
            "run_id": manifest.get("run_id"),
            "path": str(folder),
            "differences": differences,
        }
        click.echo(json.dumps(result, indent=2))
        sys.exit(DifferenceError.exit_code if differences else 0)
    if differences:
        shown = "\n".join(f"  - {difference}" for difference in differences)
        message = f"{folder} is not as it was published:\n{shown}"
        raise DifferenceError(message)
    click.echo(
        f"run {manifest['run_id']}: {len(manifest['outputs'])} outputs and "
        f"{len(manifest['inputs'])} inputs are as published."
    )


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


if __name__ == "__main__":
    main(prog_name="cashback")
