"""The servers, and the credentials for them where a user would have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from s3fs import S3FileSystem

from tests.payout_flow.conftest import runs, staged
from tests.remote.s3 import KEY, KEY_ID, S3Depot, s3_server
from tests.remote.sftp import SftpDepot, sftp_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["runs", "staged"]


@pytest.fixture
def sftp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SftpDepot]:
    """Run an SFTP server whose key is known."""
    folder = tmp_path / "sftp"
    folder.mkdir()
    with sftp_server(folder, tmp_path) as depot:
        monkeypatch.setenv("CASHBACK_KNOWN_HOSTS", str(depot.known_hosts))
        yield depot


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Depot]:
    """Run an S3 server that the environment tells of."""
    with s3_server() as depot:
        monkeypatch.setenv("AWS_ENDPOINT_URL", depot.endpoint)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEY)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        # To try again and again takes seconds, and is not ours to prove.
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        monkeypatch.setattr(S3FileSystem, "retries", 1)
        yield depot
