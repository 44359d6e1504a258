"""Extracts from real servers, SFTP and S3: whole, or one clear sentence."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import Connection as AirflowConnection
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.errors import CampaignError, SourceError
from pipelines.paths import SAMPLE_DIR
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import run
from pipelines.scheduling.connections import address_of
from pipelines.source import Source
from tests.remote.s3 import BUCKET, KEY, KEY_ID
from tests.remote.sftp import PASSWORD, USER
from tests.scenes import tree
from tests.sender import BYTES, PLACE, land, refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipelines.run import PublishedRun
    from tests.remote.s3 import S3Depot
    from tests.remote.sftp import SftpDepot


@pytest.fixture(params=["sftp", "s3"])
def depot(request: pytest.FixtureRequest) -> SftpDepot | S3Depot:
    """Return a server of either kind."""
    served: SftpDepot | S3Depot = request.getfixturevalue(request.param)
    return served


def deliver(depot: SftpDepot | S3Depot, content: bytes, place: str = PLACE) -> str:
    """Put a file on the server; return the address of the source."""
    if hasattr(depot, "folder"):
        path = depot.folder / "in" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        # SFTP tells times in whole seconds: each content is of another one.
        os.utime(path, (0, len(content) + content[-1]))
        return f"{depot.uri}/in"
    depot.client.put_object(Bucket=BUCKET, Key=f"in/{place}", Body=content)
    return f"s3://{BUCKET}/in"


def take_away(depot: SftpDepot | S3Depot, place: str = PLACE) -> None:
    """Remove a file from the server."""
    if hasattr(depot, "folder"):
        (depot.folder / "in" / place).unlink()
    else:
        depot.client.delete_object(Bucket=BUCKET, Key=f"in/{place}")


def test_the_sample_from_a_server_is_the_same_run_to_the_byte(
    depot: Any, sample_run: PublishedRun, sample_home: Path, tmp_path: Path
) -> None:
    """And each file is in landing as the server has it; no receipt holds a secret."""
    if hasattr(depot, "folder"):
        shutil.copytree(SAMPLE_DIR, depot.folder / "in")
        source = f"{depot.uri}/in"
    else:
        depot.upload(SAMPLE_DIR, "in")
        source = f"s3://{BUCKET}/in"
    home = tmp_path / "home"
    for known in ("typed", "validated", "quarantine"):
        shutil.copytree(sample_home / known, home / known)

    found = run(RunRequest(source, home), Progress())

    assert found.path.name == sample_run.path.name
    assert tree(found.path) == tree(sample_run.path)
    assert tree(home / "landing") == tree(sample_home / "landing")
    receipts = b"".join(tree(home / "receipts").values()).decode()
    assert PASSWORD not in receipts
    assert KEY not in receipts
    told = json.loads((home / "receipts" / _a_place(home)).read_text())["source"]
    where = f"sftp://127.0.0.1:{depot.port}" if hasattr(depot, "port") else "s3://depot"
    assert told.startswith(f"{where}/in/")


def _a_place(home: Path) -> str:
    return min(tree(home / "receipts"))


def test_what_is_on_the_server_is_pulled_once(depot: Any, home: Path) -> None:
    """A second night asks for no byte of it again."""
    source = deliver(depot, BYTES)
    landed = land(home, source)
    depot.asked.clear()

    again = land(home, source)

    assert again.files == landed.files
    assert [what for what in depot.asked if "two.csv" in what] == []


def test_a_server_that_dies_half_way_leaves_nothing_and_may_be_tried_again(
    depot: Any, home: Path
) -> None:
    """In the same process, too: no dead line is kept."""
    source = deliver(depot, BYTES)
    dies(depot, at=300_000)

    message = refusal(home, source)

    assert f"{PLACE} cannot be read (" in message
    recovers(depot)
    land(home, source)
    assert tree(home / "landing") == {PLACE: BYTES}


def dies(depot: Any, at: int) -> None:
    """Let the server hang up once so many bytes of the file were read."""

    def hang_up(path: str, offset: int) -> None:
        if path.endswith(PLACE) and offset >= at:
            raise ConnectionAbortedError(path)

    if hasattr(depot, "folder"):
        depot.when_read = hang_up
    else:
        depot.cut = (PLACE, at)


def recovers(depot: Any) -> None:
    """Let the server work again."""
    depot.cut = None
    depot.when_read = lambda _path, _offset: None


@pytest.mark.parametrize("more", [BYTES + b"more", BYTES[:-1] + b"x", BYTES[:-7]])
def test_a_file_that_changes_while_it_is_read_is_refused(
    depot: Any, home: Path, more: bytes
) -> None:
    """Grown, cut, or with other bytes of the same length: neither old nor new."""
    source = deliver(depot, BYTES)
    while_reading(depot, lambda: deliver(depot, more))

    message = refusal(home, source)

    assert PLACE in message
    recovers(depot)
    depot.before = lambda _method, _path: None
    land(home, source)
    assert tree(home / "landing") == {PLACE: more}


def while_reading(depot: Any, change: Callable[[], object]) -> None:
    """Let something happen once, when the first block of the file is asked for."""
    done: list[bool] = []

    def once(path: str) -> None:
        if path.endswith(PLACE) and not done:
            done.append(True)
            change()

    depot.when_read = lambda path, _offset: once(path)
    depot.before = lambda method, path: once(path) if method == "GET" else None


def test_a_file_that_is_listed_and_then_lacking_refuses_the_run(
    depot: Any, home: Path
) -> None:
    """The sender is at work; with the next delivery all is well."""
    source = deliver(depot, BYTES)
    gone: list[bool] = []

    def remove(path: str) -> None:
        if path.endswith(PLACE) and not gone:
            gone.append(True)
            take_away(depot)

    depot.when_opened = remove
    depot.before = lambda method, path: remove(path) if method == "HEAD" else None

    message = refusal(home, source)

    assert f"{PLACE} cannot be read (No such file or directory)" in message
    deliver(depot, BYTES)
    land(home, source)
    assert tree(home / "landing") == {PLACE: BYTES}


def test_a_refused_run_publishes_nothing_and_exits_with_3(
    depot: Any, home: Path
) -> None:
    """One sentence, as the command says it, and no traceback."""
    source = deliver(depot, BYTES)
    dies(depot, at=0)

    result = CliRunner().invoke(main, ["run", "--source", source, "--home", str(home)])

    assert result.exit_code == 3
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("cashback: ")
    assert "nothing was published" in result.stderr
    assert PASSWORD not in result.output
    assert not (home / "runs").exists()


def test_a_server_whose_key_is_not_known_is_not_talked_to(
    sftp: SftpDepot, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It could be anybody, and would see the password."""
    source = deliver(sftp, BYTES)
    (tmp_path / "nobody").write_text("")
    monkeypatch.setenv("CASHBACK_KNOWN_HOSTS", str(tmp_path / "nobody"))
    monkeypatch.setenv("HOME", str(tmp_path))

    message = refusal(home, source)

    assert "not found in known_hosts" in message
    assert PASSWORD not in message
    (tmp_path / ".ssh").mkdir()
    shutil.copy(str(sftp.known_hosts), tmp_path / ".ssh" / "known_hosts")
    assert [file.place for file in land(home, source).files] == [PLACE]


def test_a_server_with_another_key_than_the_known_one_is_not_talked_to(
    sftp: SftpDepot, home: Path
) -> None:
    """Somebody stands in between, or the server is a new one: a person has to look."""
    source = deliver(sftp, BYTES)
    assert sftp.known_hosts
    other = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    sftp.known_hosts.write_text(f"[127.0.0.1]:{sftp.port} ssh-ed25519 {other}\n")

    assert "does not match" in refusal(home, source)


def test_a_file_of_known_hosts_that_is_not_there_is_a_wrong_setting(
    sftp: SftpDepot, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence names the setting."""
    source = deliver(sftp, BYTES)
    monkeypatch.setenv("CASHBACK_KNOWN_HOSTS", str(home / "nowhere"))

    with pytest.raises(CampaignError, match="CASHBACK_KNOWN_HOSTS"):
        land(home, source)


def test_a_user_and_a_password_may_come_from_the_environment(
    sftp: SftpDepot, home: Path
) -> None:
    """As docs/feeds.md says; then no history of commands holds them."""
    deliver(sftp, BYTES)
    script = (
        "from pipelines.source import Source; import sys; "
        "print(Source(sys.argv[1]).listing()[0][0].place)"
    )
    given = {
        "FSSPEC_SFTP_USERNAME": "depot",
        "FSSPEC_SFTP_PASSWORD": PASSWORD,
        "CASHBACK_KNOWN_HOSTS": str(sftp.known_hosts),
    }

    shown = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", script, f"sftp://127.0.0.1:{sftp.port}/in"],
        env=os.environ | given,
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    assert shown.strip() == PLACE


def test_airflow_s_connections_open_what_they_name(
    sftp: SftpDepot, s3: S3Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With nothing of the environment; each has a user, a password and a port."""
    for name in ("ENDPOINT_URL", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.delenv(f"AWS_{name}")
    for depot in (sftp, s3):
        deliver(depot, BYTES)
    files = {"host": "127.0.0.1", "port": sftp.port, "schema": "in"}
    extra = json.dumps({"endpoint_url": s3.endpoint})
    given = (
        AirflowConnection(
            conn_id="a", conn_type="sftp", login=USER, password=PASSWORD, **files
        ),
        AirflowConnection(
            conn_id="b",
            conn_type="aws",
            login=KEY_ID,
            password=KEY,
            schema=f"{BUCKET}/in",
            extra=extra,
        ),
    )

    for one in given:
        listed, _ = Source(address_of(one)).listing()
        assert [file.place for file in listed] == [PLACE]


@pytest.mark.parametrize("kind", ["sftp", "s3"])
def test_a_wrong_password_is_one_sentence(
    request: pytest.FixtureRequest, home: Path, kind: str
) -> None:
    """Without the password that was tried."""
    if kind == "sftp":
        served = request.getfixturevalue("sftp")
        source = served.uri.replace(PASSWORD, "guessed-wrong") + "/in"
    else:
        served = request.getfixturevalue("s3")
        source = f"s3://{BUCKET}/in"
        served.before = _forbidden

    with pytest.raises(SourceError) as refused:
        land(home, source)

    assert "guessed-wrong" not in str(refused.value)
    assert "\n" not in str(refused.value)


def _forbidden(_method: str, _path: str) -> None:
    from werkzeug.exceptions import Forbidden

    raise Forbidden
