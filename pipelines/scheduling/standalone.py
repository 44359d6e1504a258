"""Airflow on this machine, in one go: database, pool, logins, and all of its servers.

For a look and for development. A deployment is described in docs/deploy.md.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from pipelines.campaign import load_campaign
from pipelines.errors import CashbackError
from pipelines.paths import DEFAULT_HOME, PROJECT_DIR
from pipelines.scheduling.campaign_days import CAMPAIGN

if TYPE_CHECKING:
    from collections.abc import Mapping

BIN = Path(sys.executable).parent
AIRFLOW_HOME = PROJECT_DIR / ".cache" / "airflow"
# Somebody starts, and somebody else approves.
USERS = ("ann", "bob")
# The sample is paid in arrears: its last nights have everything delivered.
NIGHTS = 7
SERVERS = ("metadatabase", "scheduler", "dag_processor", "triggerer")
SECONDS_TO_START, SECONDS_TO_STOP = 300, 20


@dataclass(frozen=True)
class Place:
    """Where this Airflow keeps what is its own, and the variables that make it one."""

    folder: Path
    port: int
    environment: Mapping[str, str]

    @property
    def log(self) -> Path:
        """What all of its servers say."""
        return self.folder / "standalone.log"

    def airflow(self, *words: str) -> None:
        """Give an Airflow command, and stop if it fails."""
        done = subprocess.run(  # noqa: S603 - our own words
            [str(BIN / "airflow"), *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            stop(f"{done.stderr[-2000:]}\nAirflow could not be set up; see above.")

    def is_up(self) -> bool:
        """Return whether every server answers."""
        url = f"http://localhost:{self.port}/api/v2/monitor/health"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                health = json.load(answer)
        except (OSError, ValueError):
            return False
        return all(health[name]["status"] == "healthy" for name in SERVERS)


def main() -> None:
    """Start it; it runs until it is stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="of the page")
    port = parser.parse_args().port
    folder = Path(os.environ.get("AIRFLOW_HOME") or AIRFLOW_HOME).absolute()
    try:
        place = Place(folder, port, {**os.environ, **settings(folder, port)})
    except CashbackError as error:
        stop(str(error))
    refuse_taken(port)
    logins = passwords(place)
    click.echo(f"Airflow is starting, which takes a minute. It logs to {place.log}")
    place.airflow("db", "migrate")
    pool = place.environment["CASHBACK_POOL"]
    place.airflow("pools", "set", pool, str(os.cpu_count() or 2), "steps at once")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with place.log.open("ab") as log, contextlib.suppress(KeyboardInterrupt):
        servers = subprocess.Popen(  # noqa: S603 - our own words
            [str(BIN / "airflow"), "standalone"],
            env=place.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_until_up(place, servers)
            click.echo(greeting(place, logins))
            servers.wait()
        finally:
            end(servers)


def refuse_taken(port: int) -> None:
    """Stop if another program listens there already."""
    with socket.socket() as asked:
        if asked.connect_ex(("127.0.0.1", port)) == 0:
            stop(
                f"port {port} is taken, so nothing was started: give another one, as "
                f"in make airflow ARGS=--port={port + 1}"
            )


def settings(folder: Path, port: int) -> dict[str, str]:
    """Return what makes an Airflow of the shipped DAGs; what is set stays so."""
    campaign = load_campaign(os.environ.get("CASHBACK_CAMPAIGN", CAMPAIGN))
    first = campaign.cut_off_on - dt.timedelta(days=NIGHTS - 1)
    wanted = {
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT_DIR / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(
            f"{name}:admin" for name in USERS
        ),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(
            folder / "passwords.json"
        ),
        # A process each that waits for a task: by default 32, for a pool of two.
        "AIRFLOW__CORE__PARALLELISM": str(2 * (os.cpu_count() or 2)),
        # The first tasks come up before the server that they report to.
        "AIRFLOW__WORKERS__EXECUTION_API_RETRIES": "8",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://localhost:{port}",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://localhost:{port}/execution/",
        "CASHBACK_HOME": str(DEFAULT_HOME),
        "CASHBACK_POOL": "cashback",
        "CASHBACK_FIRST_NIGHT": str(max(first, campaign.first_day)),
        "GX_ANALYTICS_ENABLED": "false",
    }
    kept = {name: os.environ[name] for name in wanted if os.environ.get(name)}
    found = {
        "AIRFLOW_HOME": str(folder),
        "PATH": _before(BIN, "PATH"),
        # The project itself is not installed where only a run was made ready.
        "PYTHONPATH": _before(PROJECT_DIR, "PYTHONPATH"),
    }
    return wanted | kept | found


def _before(folder: Path, name: str) -> str:
    """Return a variable of folders with one more, in front."""
    return os.pathsep.join(filter(None, (str(folder), os.environ.get(name))))


def passwords(place: Place) -> dict[str, str]:
    """Return the logins: made once, and kept for their owner's eyes."""
    environment = place.environment
    users = environment["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"].split(",")
    path = Path(environment["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for user in users:
        found.setdefault(user.partition(":")[0], secrets.token_urlsafe(9))
    for folder in (place.folder, path.parent):
        folder.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(found), encoding="utf-8")
    return {user.partition(":")[0]: found[user.partition(":")[0]] for user in users}


def wait_until_up(place: Place, servers: subprocess.Popen[bytes]) -> None:
    """Wait until every server answers; stop if they end instead."""
    for _ in range(SECONDS_TO_START):
        if place.is_up():
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            servers.wait(timeout=1)
            break
    said = place.log.read_text(encoding="utf-8", errors="replace")[-2000:]
    stop(f"{said}\nAirflow did not start; {place.log} says more.")


def end(servers: subprocess.Popen[bytes]) -> None:
    """End every server, at first with time to tidy up."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(servers.pid, number)
            servers.wait(SECONDS_TO_STOP)


def greeting(place: Place, logins: dict[str, str]) -> str:
    """Return what a person has to know who sees this for the first time."""
    home, night = (
        place.environment[f"CASHBACK_{name}"] for name in ("HOME", "FIRST_NIGHT")
    )
    names = " and ".join(f"{name} / {word}" for name, word in logins.items())
    return f"""
Airflow is up.

  page    http://localhost:{place.port}
  logins  {names}
  home    {home}

1. Dags, cashback_nightly: nights from {night} on are caught up, one by one.
2. Dags, cashback_campaign_close, Trigger: as one of the two, with a late reason, for
   the sample's last day to pay is past (which is why it shows missed deadlines).
3. Browse, Required Actions: approve as the other, in a private window.
4. The payment file is in {home}/outbox.

Ctrl-C stops everything. Whole campaign: CASHBACK_FIRST_NIGHT=2019-01-01.
"""


def stop(message: str) -> NoReturn:
    """End with a sentence."""
    click.echo(message, err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
