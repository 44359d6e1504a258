"""Where a scheduled step works, and with which secrets: Airflow's, else the defaults.

Connections hold addresses and passwords, variables hold folders and names. Nothing of
them is returned to the scheduler: what a step returns may be read by anyone.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pipelines.clock import Moment, moment
from pipelines.paths import DEFAULT_HOME, SAMPLE_DIR
from pipelines.scheduling.campaign_days import scheduled_campaign
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
        if mail := _connection(MAIL):
            given |= _given(
                CASHBACK_MAIL_HOST=mail.host,
                CASHBACK_MAIL_PORT=mail.port,
                CASHBACK_MAIL_USER=mail.login,
                CASHBACK_MAIL_PASSWORD=mail.password,
                **{
                    f"CASHBACK_MAIL_{name.upper()}": value
                    for name, value in _extra(mail).items()
                },
            )
        if ledger := _connection(LEDGER):
            given["CASHBACK_LEDGER_URL"] = ledger.get_uri()
        return load_settings(self.home, given)

    def moment(self, today: dt.date | None = None) -> Moment:
        """Return what day it is at the bank."""
        return moment(today, self.settings().bank)


def surroundings() -> Surroundings:
    """Return where this step works."""
    home = _variable("cashback_home") or os.environ.get("CASHBACK_HOME")
    return Surroundings(Path(home or DEFAULT_HOME), scheduled_campaign())


def _variable(name: str) -> str | None:
    from airflow.sdk import Variable

    value: str | None = Variable.get(name, default=None)
    return value


def _connection(name: str) -> Any:
    """Return a connection; None if there is none of that name."""
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        return Connection.get(name)
    except AirflowNotFoundException:
        return None


def _extra(connection: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(connection.extra or "{}")
    return found


def _address(name: str) -> str | None:
    """Return the address that a connection stands for; None without one.

    Its ``uri`` (in the extra) may be a path or any address that fsspec knows; the
    connection's user and password go into it.
    """
    connection = _connection(name)
    if connection is None:
        return None
    uri = str(_extra(connection).get("uri") or "")
    if not uri:
        parts = (connection.schema or "", connection.host or "")
        return f"{connection.conn_type}://{parts[1]}/{parts[0]}".rstrip("/")
    if connection.login and "://" in uri:
        protocol, _, rest = uri.partition("://")
        user = quote(connection.login, safe="")
        if connection.password:
            user += f":{quote(connection.password, safe='')}"
        return f"{protocol}://{user}@{rest}"
    return uri


def _given(**values: Any) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if value}
