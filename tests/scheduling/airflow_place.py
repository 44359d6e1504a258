"""An Airflow of one's own: its folder, its database, and real servers if need be."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.paths import PROJECT_DIR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BIN = Path(sys.executable).parent
# Who may log in, and as what.
USERS = {"ann": "admin", "bob": "admin"}
PASSWORD = "a password of the tests"  # noqa: S105 - it opens nothing else
WAIT_SECONDS = 300
# What SQLite says to one of two who write at once; Airflow has then changed nothing.
LOCKED = "database is locked"
# Whoever was killed is missed in seconds, not in minutes.
SOON = {
    "SCHEDULER_HEARTBEAT_SEC": "1",
    "TASK_INSTANCE_HEARTBEAT_SEC": "3",
    "TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "TASK_QUEUED_TIMEOUT": "30",
    "TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
    "ORPHANED_TASKS_CHECK_INTERVAL": "10",
    "SCHEDULER_HEALTH_CHECK_THRESHOLD": "15",
}


@dataclass
class AirflowPlace:
    """A folder with all that one Airflow needs; the sample is its source."""

    root: Path
    process: subprocess.Popen[bytes] | None = None
    port: int = 0
    tokens: dict[str, str] = field(default_factory=dict)
    more: dict[str, str] = field(default_factory=dict)  # variables of its own

    @property
    def home(self) -> Path:
        """The home that the tasks work in."""
        return self.root / "home"

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that make a process part of this place."""
        passwords = self.root / "passwords.json"
        settings = {
            "AIRFLOW_HOME": str(self.root / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT_DIR / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(
                f"{name}:{role}" for name, role in USERS.items()
            ),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{self.port}",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": (
                f"http://127.0.0.1:{self.port}/execution/"
            ),
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__CORE__PARALLELISM": "4",
            "AIRFLOW__WORKERS__EXECUTION_API_RETRIES": "8",
            **{f"AIRFLOW__SCHEDULER__{name}": value for name, value in SOON.items()},
            "CASHBACK_HOME": str(self.home),
            "GX_ANALYTICS_ENABLED": "false",
            "PYTHONPATH": str(PROJECT_DIR),
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        }
        return {**os.environ, **settings, **self.more}

    def make(self) -> None:
        """Make the database, the users' passwords and the pool."""
        (self.root / "airflow").mkdir(parents=True)
        passwords = dict.fromkeys(USERS, PASSWORD)
        (self.root / "passwords.json").write_text(json.dumps(passwords))
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.airflow("db", "migrate")
        self.airflow("pools", "set", "cashback", "2", "steps at once")

    def airflow(self, *words: str) -> str:
        """Give an Airflow command; return what it prints."""
        return self.run(str(BIN / "airflow"), *words)

    def airflow_again(self, *words: str) -> None:
        """Give an Airflow command, again while SQLite has no room for it."""

        def is_done() -> bool:
            done = self._ran(str(BIN / "airflow"), *words)
            printed = done.stderr + done.stdout
            assert done.returncode == 0 or LOCKED in printed, printed[-3000:]
            return done.returncode == 0

        self.wait(is_done, " ".join(words))

    def python(self, script: str, *words: str) -> Any:
        """Run a script of this folder; return the JSON on its last line."""
        printed = self.run(sys.executable, "-m", f"tests.scheduling.{script}", *words)
        return json.loads(printed.splitlines()[-1])

    def run(self, *command: str) -> str:
        """Run a command as part of this place."""
        done = self._ran(*command)
        assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-2000:]
        return done.stdout

    def _ran(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own words
            command,
            env=self.environment,
            cwd=PROJECT_DIR,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self) -> None:
        """Start every server that a real Airflow has, and wait until it answers."""
        with (self.root / "standalone.log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own words
                [str(BIN / "airflow"), "standalone"],
                env=self.environment,
                cwd=self.root,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.wait(self._is_up, "Airflow is up")

    def _is_up(self) -> bool:
        try:
            health = self.get("monitor/health", user=None)
        except OSError:
            return False
        names = ("scheduler", "dag_processor", "triggerer")
        return all(health[name]["status"] == "healthy" for name in names) and bool(
            self.get("dags")["total_entries"] == 3
        )

    def stop(self, signal_number: int = signal.SIGTERM) -> None:
        """Stop all of it; by SIGKILL nobody has time to tidy up."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal_number)
            self.process.wait()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process = None
            self.tokens.clear()

    def wait(self, is_so: Callable[[], Any], what: str) -> Any:
        """Return what *is_so* returns as soon as it is true."""
        pause = threading.Event()
        for _ in range(WAIT_SECONDS * 2):
            if found := is_so():
                return found
            pause.wait(0.5)
        log = (self.root / "standalone.log").read_text(errors="replace")
        raise AssertionError(f"never so: {what}\n{log[-4000:]}")

    def get(self, path: str, user: str | None = "ann") -> Any:
        """Ask the REST API."""
        return self._call("GET", path, user)

    def post(self, path: str, body: Any, user: str = "ann") -> Any:
        """Send to the REST API."""
        return self._call("POST", path, user, body)

    def patch(self, path: str, body: Any, user: str) -> Any:
        """Change over the REST API."""
        return self._call("PATCH", path, user, body)

    def _call(self, verb: str, path: str, user: str | None, body: Any = None) -> Any:
        headers = {"Content-Type": "application/json"}
        if user:
            headers["Authorization"] = f"Bearer {self._token(user)}"
        return self._send(verb, f"api/v2/{path}", headers, body)

    def _token(self, user: str) -> str:
        if user not in self.tokens:
            login = {"username": user, "password": PASSWORD}
            headers = {"Content-Type": "application/json"}
            self.tokens[user] = self._send("POST", "auth/token", headers, login)[
                "access_token"
            ]
        return self.tokens[user]

    def _send(self, verb: str, path: str, headers: Any, body: Any) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers=headers,
            method=verb,
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise OSError(f"{error.code}: {error.read()[:500]!r}") from error


@contextlib.contextmanager
def running(place: AirflowPlace) -> Iterator[AirflowPlace]:
    """Run the servers while the block runs."""
    place.start()
    try:
        yield place
    finally:
        place.stop()
