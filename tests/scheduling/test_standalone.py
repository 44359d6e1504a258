"""What `make airflow` starts with, and what it tells."""

from __future__ import annotations

import json
import os
import socket
from typing import TYPE_CHECKING

import pytest

from pipelines.paths import PROJECT_DIR
from pipelines.scheduling import standalone

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> standalone.Place:
    """Return where an Airflow would be, with nothing set before."""
    for name in standalone.settings(tmp_path, 1):
        if name not in {"PATH", "PYTHONPATH"}:
            monkeypatch.delenv(name, raising=False)
    return standalone.Place(tmp_path, 8081, standalone.settings(tmp_path, 8081))


def test_it_begins_with_the_last_week_of_the_campaign(place: standalone.Place) -> None:
    """So that the first night that anybody sees is green; and nothing is paused."""
    given = place.environment

    assert given["CASHBACK_FIRST_NIGHT"] == "2019-08-09"
    # A fresh clone has the packages, and not this project among them.
    assert given["PYTHONPATH"].split(os.pathsep)[0] == str(PROJECT_DIR)
    assert given["CASHBACK_POOL"] == "cashback"
    assert given["AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION"] == "False"


def test_what_is_set_stays_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool of another name is the one that is made."""
    monkeypatch.setenv("CASHBACK_POOL", "night shift")
    monkeypatch.setenv("CASHBACK_FIRST_NIGHT", "2019-01-01")

    given = standalone.settings(tmp_path, 8081)

    assert given["CASHBACK_POOL"] == "night shift"
    assert given["CASHBACK_FIRST_NIGHT"] == "2019-01-01"


def test_it_tells_the_address_and_both_logins(place: standalone.Place) -> None:
    """The same ones the next time, in a file for their owner's eyes."""
    logins = standalone.passwords(place)

    said = standalone.greeting(place, logins)

    assert "http://localhost:8081" in said
    assert list(logins) == ["ann", "bob"]
    assert all(f"{name} / {word}" in said for name, word in logins.items())
    assert standalone.passwords(place) == logins
    kept = place.folder / "passwords.json"
    assert json.loads(kept.read_text("utf-8")) == logins
    assert kept.stat().st_mode & 0o077 == 0


def test_a_port_that_is_taken_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything starts, with the words that give another one."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SystemExit):
            standalone.refuse_taken(port)

    assert f"port {port} is taken" in capsys.readouterr().err
