"""Where a scheduled step works, and with which secrets: Airflow's, else the defaults.

Connections hold addresses and passwords, variables hold folders and names. Nothing of
them is returned to the scheduler: what a step returns may be read by anyone.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.clock import Moment, moment
from pipelines.paths import DEFAULT_HOME, SAMPLE_DIR
from pipelines.scheduling.campaign_days import scheduled_campaign
from pipelines.scheduling.connections import (
    address_of,
    find_connection,
    ledger_url,
    mail_settings,
)
from pipelines.settings import Settings, load_settings

if TYPE_CHECKING:
    import datetime as dt

SOURCE, DESTINATION, INBOX = "cashback_source", "cashback_destination", "cashback_inbox"
MAIL, LEDGER = "cashback_mail", "cashback_ledger"


@dataclass(frozen=True)
class Surroundings:
    """What every step needs to know of the place that it runs in."""

    home: Path
    campaign: str

    @property
    def source(self) -> str:
        """Where extracts are delivered, with whatever it takes to read them."""
        return _address(SOURCE) or str(SAMPLE_DIR)

    @property
    def destination(self) -> str:
        """Where released batches go."""
        return _address(DESTINATION) or str(self.home / "outbox")

    @property
    def inbox(self) -> str:
        """Where the bank's answers come in."""
        return _address(INBOX) or str(self.home / "inbox")

    def settings(self) -> Settings:
        """Return the settings of the home, with the secrets of the connections."""
        given = dict(os.environ)
        if mail := find_connection(MAIL):
            given |= mail_settings(mail)
        if ledger := find_connection(LEDGER):
            given["CASHBACK_LEDGER_URL"] = ledger_url(ledger)
        return load_settings(self.home, given)

    def moment(self, today: dt.date | None = None) -> Moment:
        """Return what day it is at the bank."""
        return moment(today, self.settings().bank)


def surroundings(campaign: str | None = None) -> Surroundings:
    """Return where this step works, for the scheduled campaign or another one."""
    home = _variable("cashback_home") or os.environ.get("CASHBACK_HOME")
    return Surroundings(Path(home or DEFAULT_HOME), campaign or scheduled_campaign())


def _variable(name: str) -> str | None:
    from airflow.sdk import Variable

    value: str | None = Variable.get(name, default=None)
    return value


def _address(name: str) -> str | None:
    connection = find_connection(name)
    return None if connection is None else address_of(connection)
