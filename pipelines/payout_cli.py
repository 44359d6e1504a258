"""The commands of ``cashback payout`` and ``cashback ledger``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.command_line import HOME_OPTION, JSON_OPTION, TODAY_OPTION, command
from pipelines.errors import DifferenceError, LedgerError

if TYPE_CHECKING:
    import datetime as dt

    from pipelines.clock import Moment
    from pipelines.settings import Settings

BY_OPTION = click.option("--by", required=True, help="Full name of who does this.")
DRY_RUN_OPTION = click.option(
    "--dry-run", is_flag=True, help="Check everything; record and write nothing."
)


@click.group("payout")
def payout() -> None:
    """From a decided run to money sent, in separate steps by separate people."""


@payout.command("prepare")
@click.argument("run")
@BY_OPTION
@click.option(
    "--account-checked",
    "checked",
    multiple=True,
    metavar="PARTNER_ID",
    help="Pay this partner although its bank account is new. Repeatable.",
)
@click.option("--checked-by", help="Who asked the partner about its new account.")
@click.option("--check-reason", help="What was found.")
@DRY_RUN_OPTION
@HOME_OPTION
@TODAY_OPTION
@JSON_OPTION
@command
def prepare_command(  # noqa: PLR0913 - one for each option
    *,
    run: str,
    by: str,
    checked: tuple[str, ...],
    checked_by: str | None,
    check_reason: str | None,
    dry_run: bool,
    home: Path,
    today: dt.date | None,
    as_json: bool,
) -> None:
    """Make a batch of what a final run owes and nobody was told to pay yet."""
    from pipelines.payout.holds import account_checks
    from pipelines.payout.prepare import PrepareRequest, prepare
    from pipelines.payout.summaries import prepared_summary, prepared_text
    from pipelines.progress import Progress

    settings, moment = _surroundings(home, today)
    checks = account_checks(checked, checked_by, check_reason, by)
    with Progress().shown() as progress:
        request = PrepareRequest(
            home, run, by, moment, settings, checks, dry_run, progress
        )
        prepared = prepare(request)
    summary = prepared_summary(home, prepared, dry_run=dry_run)
    _print(summary, prepared_text(summary), as_json=as_json)


@payout.command("approve")
@click.argument("batch")
@BY_OPTION
@HOME_OPTION
@TODAY_OPTION
@JSON_OPTION
@command
def approve_command(
    *, batch: str, by: str, home: Path, today: dt.date | None, as_json: bool
) -> None:
    """Approve the bytes of a batch, as another person than who prepared it."""
    from pipelines.payout.approve import approve
    from pipelines.payout.summaries import approved_summary, approved_text

    settings, moment = _surroundings(home, today)
    summary = approved_summary(approve(home, batch, by, moment, settings))
    _print(summary, approved_text(summary), as_json=as_json)


@payout.command("release")
@click.argument("batch")
@BY_OPTION
@click.option(
    "--to",
    required=True,
    help="Folder or fsspec URI that the bank reads, such as sftp://HOST/FOLDER; "
    "credentials: docs/addresses.md.",
)
@click.option("--late-reason", help="Why it is paid after the last day; recorded.")
@click.option(
    "--bank-has-it",
    type=click.Choice(["yes", "no"]),
    help="What the bank said, after a release that broke off.",
)
@DRY_RUN_OPTION
@HOME_OPTION
@TODAY_OPTION
@JSON_OPTION
@command
def release_command(  # noqa: PLR0913 - one for each option
    *,
    batch: str,
    by: str,
    to: str,
    late_reason: str | None,
    bank_has_it: str | None,
    dry_run: bool,
    home: Path,
    today: dt.date | None,
    as_json: bool,
) -> None:
    """Send the files of an approved batch, exactly once."""
    from pipelines.payout.release import ReleaseRequest, release
    from pipelines.payout.summaries import released_summary, released_text

    settings, moment = _surroundings(home, today)
    said = None if bank_has_it is None else bank_has_it == "yes"
    request = ReleaseRequest(
        home, batch, by, to, moment, settings, late_reason, said, dry_run
    )
    summary = released_summary(release(request), dry_run=dry_run)
    _print(summary, released_text(summary), as_json=as_json)


@payout.command("withdraw")
@click.argument("batch")
@BY_OPTION
@click.option("--reason", required=True, help="Why it is not to be paid; recorded.")
@HOME_OPTION
@TODAY_OPTION
@JSON_OPTION
@command
def withdraw_command(  # noqa: PLR0913 - one for each option
    *,
    batch: str,
    by: str,
    reason: str,
    home: Path,
    today: dt.date | None,
    as_json: bool,
) -> None:
    """Take back a batch that was not released; its payments are owed again."""
    from pipelines.payout.summaries import withdrawn_summary, withdrawn_text
    from pipelines.payout.withdraw import withdraw

    settings, moment = _surroundings(home, today)
    summary = withdrawn_summary(withdraw(home, batch, by, reason, moment, settings))
    _print(summary, withdrawn_text(summary), as_json=as_json)


@payout.command("import-status")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path)
)
@HOME_OPTION
@TODAY_OPTION
@JSON_OPTION
@command
def import_status_command(
    *, files: tuple[Path, ...], home: Path, today: dt.date | None, as_json: bool
) -> None:
    """Take in the bank's answers: pain.002 and camt.054. Exit 5 if one is held."""
    from pipelines.payout.import_status import import_status
    from pipelines.payout.summaries import imported_summary, imported_text

    settings, moment = _surroundings(home, today)
    summary = imported_summary(import_status(home, files, moment, settings))
    _print(summary, imported_text(summary), as_json=as_json)
    if summary["held"]:
        sys.exit(LedgerError.exit_code)


@payout.command("list")
@HOME_OPTION
@TODAY_OPTION
@JSON_OPTION
@command
def list_command(*, home: Path, today: dt.date | None, as_json: bool) -> None:
    """Show every batch and payment, its state, and the days left to pay."""
    from pipelines.ledger.ledger import Ledger
    from pipelines.payout.states import list_payouts
    from pipelines.payout.summaries import listing_summary, listing_text

    settings, moment = _surroundings(home, today)
    with Ledger.open(home, settings.ledger_address).reading() as book:
        summary = listing_summary(list_payouts(book, moment.today))
    _print(summary, listing_text(summary), as_json=as_json)


@click.group("ledger")
def ledger() -> None:
    """The append-only record of all that was earned and paid."""


@ledger.command("verify")
@HOME_OPTION
@JSON_OPTION
@command
def ledger_verify_command(*, home: Path, as_json: bool) -> None:
    """Compute every hash of the ledger again; exit 1 on any difference."""
    from pipelines.ledger.ledger import Ledger
    from pipelines.ledger.verify import check_chain

    settings, _ = _surroundings(home, None)
    with Ledger.open(home, settings.ledger_address).reading() as book:
        check = check_chain(book)
    summary = {
        "entries": check.entries,
        "head": check.head,
        "differences": list(check.differences),
    }
    text = f"ledger: {check.entries} entries are as recorded; the last hash is\n"
    broken = "\n".join(["the ledger is not as recorded:", *check.differences])
    _print(summary, broken if check.differences else text + check.head, as_json=as_json)
    if check.differences:
        sys.exit(DifferenceError.exit_code)


def _surroundings(home: Path, today: dt.date | None) -> tuple[Settings, Moment]:
    from pipelines.clock import moment
    from pipelines.settings import load_settings

    settings = load_settings(home)
    return settings, moment(today, settings.bank)


def _print(summary: dict[str, Any], text: str, *, as_json: bool) -> None:
    click.echo(json.dumps(summary, indent=2) if as_json else text)
