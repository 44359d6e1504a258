"""The command ``cashback payout repaid``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from pipelines.command_line import HOME_OPTION, JSON_OPTION, TODAY_OPTION, command

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path


@click.command("repaid")
@click.argument("partner")
@click.argument("amount")
@click.option("--by", required=True, help="Full name of who saw the money arrive.")
@click.option("--reference", required=True, help="What the bank calls the payment.")
@click.option("--campaign", help="Id of the campaign, if it is overpaid in several.")
@HOME_OPTION
@TODAY_OPTION
@JSON_OPTION
@command
def repaid_command(  # noqa: PLR0913 - one for each option
    *,
    partner: str,
    amount: str,
    by: str,
    reference: str,
    campaign: str | None,
    home: Path,
    today: dt.date | None,
    as_json: bool,
) -> None:
    """Record that an overpaid partner paid back AMOUNT by hand, such as 2000.00."""
    from pipelines.clock import moment
    from pipelines.money import shown
    from pipelines.payout.repaid import RepaidRequest, record_repaid
    from pipelines.settings import load_settings

    settings = load_settings(home)
    now = moment(today, settings.bank)
    found = record_repaid(
        RepaidRequest(home, partner, amount, by, reference, now, settings, campaign)
    )
    summary = {
        "campaign_id": found.campaign_id,
        "partner_id": found.partner_id,
        "amount": shown(found.amount_cents),
        "currency": found.currency,
        "still_overpaid": shown(found.still_overpaid_cents),
        "is_new": found.is_new,
    }
    seen = "paid back" if found.is_new else "had paid back before:"
    text = (
        f"partner {partner} {seen} {summary['amount']} {found.currency}; still "
        f"overpaid by {summary['still_overpaid']}"
    )
    click.echo(json.dumps(summary, indent=2) if as_json else text)
