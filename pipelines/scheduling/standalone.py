"""Airflow on this machine, in one go: database, pool, login, and all of its servers.

For a look and for development. A deployment is described in docs/deploy.md.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import click

from pipelines.paths import DEFAULT_HOME, PROJECT_DIR

BIN = Path(sys.executable).parent
AIRFLOW_HOME = PROJECT_DIR / ".cache" / "airflow"
# Somebody starts, and somebody else approves.
USERS = ("ann", "bob")


def main() -> None:
    """Start it; it runs until it is stopped."""
    options = _options()
    place = Path(os.environ.get("AIRFLOW_HOME") or AIRFLOW_HOME)
    environment = {**os.environ, **_settings(place, options.port)}
    passwords = _passwords(place)
    for words in (
        ("db", "migrate"),
        ("pools", "set", "cashback", str(os.cpu_count() or 2), "steps at once"),
    ):
        done = subprocess.run(  # noqa: S603 - our own words
            [str(BIN / "airflow"), *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            click.echo(done.stderr[-2000:], err=True)
            click.echo("airflow could not be set up; see above", err=True)
            sys.exit(1)
    home = environment.get("CASHBACK_HOME", str(DEFAULT_HOME))
    logins = ", ".join(f"{name} / {password}" for name, password in passwords.items())
    click.echo(
        f"Airflow is starting, which takes half a minute.\n\n"
        f"  page    http://localhost:{options.port}\n"
        f"  logins  {logins}\n"
        f"  home    {home}\n\n"
        "Nights of the sample's campaign are caught up one by one: cashback_nightly.\n"
        "To pay it, start cashback_campaign_close as one of them, with a late reason,\n"
        "for its last day is past; answer as the other. The payment file is then in\n"
        f"{home}/outbox. Ctrl-C stops everything.\n"
    )
    os.execve(  # noqa: S606 - our own words
        BIN / "airflow", [str(BIN / "airflow"), "standalone"], environment
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="of the page")
    return parser.parse_args()


def _settings(place: Path, port: int) -> dict[str, str]:
    """Return what makes an Airflow of the shipped DAGs; what is set stays so."""
    settings = {
        "AIRFLOW_HOME": str(place),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT_DIR / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(
            f"{name}:admin" for name in USERS
        ),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(
            place / "passwords.json"
        ),
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://localhost:{port}",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://localhost:{port}/execution/",
        "GX_ANALYTICS_ENABLED": "false",
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    kept = {name: os.environ[name] for name in settings if name in os.environ}
    return settings | kept | {"PATH": settings["PATH"]}


def _passwords(place: Path) -> dict[str, str]:
    """Return the logins: made once, and kept for their owner's eyes."""
    path = place / "passwords.json"
    if path.exists():
        found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return found
    place.mkdir(parents=True, exist_ok=True)
    made = {name: secrets.token_urlsafe(9) for name in USERS}
    path.touch(mode=0o600)
    path.write_text(json.dumps(made), encoding="utf-8")
    return made


if __name__ == "__main__":
    main()
