"""The commands about data: check a source, read a run's checks, use the quarantine."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.command_line import (
    HOME_OPTION,
    JSON_OPTION,
    command,
    inputs_options,
)
from pipelines.feeds import FEEDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipelines.quarantine import FaultyRow


@click.command("check")
@inputs_options
@JSON_OPTION
@command
def check_command(*, as_json: bool, **options: Any) -> None:
    """Try extracts before they are delivered: all checks on the data, and no run.

    Exit 3 if a run would refuse them. Nothing is kept, and nothing is published.
    """
    from pipelines.check import check
    from pipelines.gate import findings_text, refuse_failed
    from pipelines.progress import Progress
    from pipelines.request import RunRequest

    with Progress().shown() as progress:
        checked = check(RunRequest(home=Path(), **options), progress)
    found = checked.as_dict()
    click.echo(json.dumps(found, indent=2) if as_json else findings_text(found))
    refuse_failed(checked.verdicts)


@click.command("quality")
@click.argument("run")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a page that opens without a network to this file.",
)
@HOME_OPTION
@JSON_OPTION
@command
def quality_command(*, run: str, out: Path | None, home: Path, as_json: bool) -> None:
    """Show what the checks found in the data of a run."""
    from pipelines.gate import findings_text
    from pipelines.quality_page import quality_html, read_quality
    from pipelines.verify import find_run

    folder = find_run(home, run)
    quality = read_quality(folder)
    if out:
        out.write_text(quality_html(folder.resolve().name, quality), encoding="utf-8")
    if as_json:
        click.echo(json.dumps(quality, indent=2))
    else:
        click.echo(f"written to {out}" if out else findings_text(quality))


@click.group("quarantine")
def quarantine_group() -> None:
    """Look at the rows that could not be read, and get them corrected."""


def _rows_wanted(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that choose rows in quarantine."""
    options = (
        click.option("--run", help="A run's path or id (default: the newest one)."),
        click.option("--feed", type=click.Choice(list(FEEDS)), help="Only this feed."),
        click.option("--reason", help="Only rows with this reason, such as bad_date."),
        click.option("--partner", help="Only rows of this partner id."),
        HOME_OPTION,
        JSON_OPTION,
    )
    for option in reversed(options):
        function = option(function)
    return function


def _selected(options: dict[str, Any]) -> tuple[Path, Path, list[FaultyRow]]:
    """Return the home, the run and the rows that the options choose.

    Raises:
        UsageError: there is no such run.
        DifferenceError: it, or its rows in quarantine, are not as they were.
    """
    from pipelines.publish import check_published
    from pipelines.quarantine import Filter, chosen_run, faulty_rows, home_of

    run = chosen_run(options["home"], options["run"])
    check_published(run)
    home = home_of(run, options["home"])
    wanted = Filter(options["feed"], options["reason"], options["partner"])
    return home, run, list(faulty_rows(home, run, wanted))


@quarantine_group.command("list")
@_rows_wanted
@command
def list_command(*, as_json: bool, **options: Any) -> None:
    """Count the rows by file, partner and reason, and what waits on them."""
    from pipelines.quarantine import listed, waiting

    _, run, rows = _selected(options)
    groups, waits = listed(rows), waiting(run, rows)
    if as_json:
        found = {
            "run_id": run.resolve().name,
            "rows": len(rows),
            "groups": groups,
            "customers_waiting": waits.customers,
            "amount_waiting": f"{waits.amount:.2f}",
            "currency": waits.currency,
        }
        click.echo(json.dumps(found, indent=2))
        return
    for group in groups:
        partner = f", partner {group['partner_id']}" if group["partner_id"] else ""
        reasons = ", ".join(group["reasons"])
        click.echo(f"{group['rows']:>7,}  {group['file']}{partner}: {reasons}")
    click.echo(
        f"{len(rows):,} rows in quarantine; {waits.customers:,} customers and "
        f"{waits.amount:,.2f} {waits.currency} wait on them."
    )


@quarantine_group.command("show")
@_rows_wanted
@click.option("--values", is_flag=True, help="Show what the rows hold, too.")
@command
def show_command(*, as_json: bool, values: bool, **options: Any) -> None:
    """Show each row: its place, its reasons, its customer and its partner."""
    _, _, rows = _selected(options)
    records = [json.loads(row.record) if values else {} for row in rows]
    if as_json:
        found = [
            asdict(row) | {"record": record}
            for row, record in zip(rows, records, strict=True)
        ]
        click.echo(json.dumps({"rows": found}, indent=2, ensure_ascii=False))
        return
    for row, record in zip(rows, records, strict=True):
        ids = f"customer {row.customer_id or '-'}, partner {row.partner_id or '-'}"
        click.echo(f"{row.place} row {row.row}: {', '.join(row.reasons)} ({ids})")
        for name, value in record.items():
            click.echo(f"    {name}: {value}")


@quarantine_group.command("export")
@_rows_wanted
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the files that their senders correct and deliver again.",
)
@command
def export_command(*, as_json: bool, out: Path, **options: Any) -> None:
    """Write each file with faulty rows, whole, for its sender to correct.

    The reasons stand in a first column, which may stay: it is not read.
    """
    from pipelines.quarantine import Filter, export

    wanted = Filter(options["feed"], options["reason"], options["partner"])
    # Whoever corrects a file sees all that is wrong with it.
    home, _, every = _selected(options | {"reason": None, "partner": None})
    chosen = {row.place for row in every if wanted.admits(row)}
    rows = [row for row in every if row.place in chosen]
    written = [str(path) for path in export(home, rows, out)]
    if as_json:
        click.echo(json.dumps({"files": written, "rows": len(rows)}, indent=2))
        return
    click.echo("\n".join(written))
    click.echo(f"{len(rows):,} faulty rows in {len(written):,} files.")
