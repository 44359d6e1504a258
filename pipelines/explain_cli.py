"""The command that says why: a customer paid for or not, a partner's customers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from pipelines.command_line import HOME_OPTION, JSON_OPTION, command
from pipelines.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@click.command("explain")
@click.option(
    "--customer", help="A customer's GUID, in any case, with or without org: before it."
)
@click.option(
    "--partner",
    help="A partner's MPN id; 0 for no reseller. Alone: all of its customers.",
)
@click.option("--run", help="A run's path or id (default: the newest one).")
@HOME_OPTION
@JSON_OPTION
@command
def explain_command(
    *,
    customer: str | None,
    partner: str | None,
    run: str | None,
    home: Path,
    as_json: bool,
) -> None:
    """Why a customer was paid for or not: rules, rows, and the nearest way.

    The way is proved: the customer is decided again with that alone changed. Nothing
    is published.
    """
    if customer is None and partner is None:
        message = (
            "neither a customer nor a partner is named, so nothing was looked up. Give "
            "--customer, --partner, or both."
        )
        raise UsageError(message)
    from pipelines.explain.answer import explain_customer
    from pipelines.explain.partner import explain_partner, partner_text
    from pipelines.explain.screen import screen, shown
    from pipelines.explain.text import customer_text

    if customer is None:
        found, text = explain_partner(home, run, partner), partner_text
    else:
        found, text = explain_customer(home, run, customer, partner), customer_text
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        click.echo(text(shown(found), screen()))
