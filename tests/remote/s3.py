"""A real S3 server, moto's, with a bucket, that a test can let fail."""

from __future__ import annotations

import contextlib
import socket
import threading
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KEY_ID, KEY = "AKIADEPOT", "s3cret-of-s3"
BUCKET = "depot"


@dataclass
class S3Depot:
    """A bucket, the address of its server, and what goes wrong there."""

    endpoint: str = ""
    # What happens before a request is answered: its method and its path.
    before: Callable[[str, str], None] = lambda _method, _path: None
    # Of answers to GETs whose path ends so, only so many bytes are sent.
    cut: tuple[str, int] | None = None
    # It does what such a PUT asks for, and then hangs up.
    loses_answer_to: str | None = None
    asked: list[str] = field(default_factory=list)

    @property
    def client(self) -> Any:
        """A client of its own."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=KEY,
            region_name="us-east-1",
        )

    def upload(self, folder: Path, prefix: str) -> None:
        """Put every file of a folder into the bucket."""
        client = self.client
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                key = f"{prefix}/{path.relative_to(folder).as_posix()}"
                client.put_object(Bucket=BUCKET, Key=key, Body=path.read_bytes())

    def objects(self) -> dict[str, bytes]:
        """Return what is in the bucket."""
        client = self.client
        listed = client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {
            one["Key"]: client.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read()
            for one in listed
        }


class _Spoilt:
    """The server's application, with the test's hand in it."""

    def __init__(self, depot: S3Depot) -> None:
        self._depot = depot
        self._plain = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        try:
            return self._answer(environ, start_response)
        except ConnectionAbortedError:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Any:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self._depot.asked.append(f"{method} {path}")
        self._depot.before(method, path)
        answer = self._plain(environ, start_response)
        lost = self._depot.loses_answer_to
        if lost and method == "PUT" and path.endswith(lost):
            raise ConnectionAbortedError(lost)
        cut = self._depot.cut
        if cut and method == "GET" and path.endswith(cut[0]):
            # The header promised more: the client sees a connection that broke.
            return [b"".join(answer)[: cut[1]]]
        return answer


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Keep a line for each request out of a failure's output."""


@contextlib.contextmanager
def s3_server() -> Iterator[S3Depot]:
    """Run a server with an empty bucket."""
    depot = S3Depot()
    server = make_server(
        "127.0.0.1", 0, _Spoilt(depot), threaded=True, request_handler=_Quiet
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    depot.endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        # What an earlier server of this process held, this one would hold, too.
        reset = f"{depot.endpoint}/moto-api/reset"
        urllib.request.urlopen(reset, data=b"").close()  # noqa: S310 - our own server
        depot.client.create_bucket(Bucket=BUCKET)
        yield depot
    finally:
        server.shutdown()
        thread.join(30)
