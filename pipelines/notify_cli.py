"""The commands that tell partners: ``cashback payout statements`` and ``notify``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.command_line import HOME_OPTION, JSON_OPTION, TODAY_OPTION, command
from pipelines.errors import DestinationError

if TYPE_CHECKING:
    import datetime as dt


@click.command("statements")
@click.argument("batch")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for them; by default HOME/statements/CAMPAIGN/BATCH, where they are "
    "sealed. Before the release they are drafts, and need one.",
)
@HOME_OPTION
@JSON_OPTION
@command
def statements_command(
    *, batch: str, out: Path | None, home: Path, as_json: bool
) -> None:
    """Write each partner's statement of a batch, as a page and as a table."""
    from pipelines.payout.statement_files import write_statements
    from pipelines.settings import load_settings

    found, folder, count = write_statements(home, batch, out, load_settings(home))
    summary = {"batch_id": found.batch_id, "path": str(folder), "statements": count}
    text = f"{count:,} statements of batch {found.batch_id}\n  {folder}"
    click.echo(json.dumps(summary, indent=2) if as_json else text)


@click.command("notify")
@click.argument("batch")
@click.option(
    "--dry-run",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the mails as .eml files into this folder; send and record nothing.",
)
@HOME_OPTION
@TODAY_OPTION
@JSON_OPTION
@command
def notify_command(
    *,
    batch: str,
    dry_run: Path | None,
    home: Path,
    today: dt.date | None,
    as_json: bool,
) -> None:
    """Mail each partner of a released batch its statement, once.

    Partners that were told before are left out, so it can be given again. Exit 3 if
    somebody could not be told.
    """
    from pipelines.clock import moment
    from pipelines.payout.notify import NotifyRequest, notify
    from pipelines.progress import Progress
    from pipelines.settings import load_settings

    settings = load_settings(home)
    now = moment(today, settings.bank)
    with Progress().shown() as progress:
        told = notify(NotifyRequest(home, batch, now, settings, dry_run, progress))
    summary = {
        "batch_id": told.batch.batch_id,
        "sent": told.sent,
        "sent_before": told.sent_before,
        "repeated": told.repeated,
        "nothing_new": told.nothing_new,
        "unlisted": told.unlisted,
        "not_told": told.not_told,
        "is_dry_run": dry_run is not None,
    }
    click.echo(json.dumps(summary, indent=2) if as_json else _text(summary, dry_run))
    if told.not_told:
        sys.exit(DestinationError.exit_code)


def _text(summary: dict[str, Any], dry_run: Path | None) -> str:
    done = f"written to {dry_run}, none sent" if dry_run else "sent"
    lines = [
        f"batch {summary['batch_id']}: {len(summary['sent']):,} mails {done}, "
        f"{len(summary['sent_before']):,} partners were told before"
    ]
    if summary["nothing_new"]:
        count = len(summary["nothing_new"])
        lines.append(f"  {count:,} were told the same by an earlier batch")
    if summary["unlisted"]:
        names = ", ".join(summary["unlisted"])
        lines.append(f"  nobody to tell, not listed in partners: {names}")
    lines += [
        f"  {partner_id}: perhaps for the second time, its mail broke off before"
        for partner_id in summary["repeated"]
    ]
    lines += [
        f"  {partner_id} was not told: {why}"
        for partner_id, why in summary["not_told"].items()
    ]
    return "\n".join(lines)
