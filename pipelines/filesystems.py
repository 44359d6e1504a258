"""Open an address: a folder, or whatever fsspec knows, such as ``s3://`` and ``sftp://``.

Extracts come from there and payments go there, so a server has to prove who it is: of
``sftp://``, only hosts whose keys are known are talked to.
"""

from __future__ import annotations

import contextlib
import logging
import os
import textwrap
from typing import TYPE_CHECKING, Any

from pipelines.addresses import split_address
from pipelines.errors import CampaignError, CashbackError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fsspec import AbstractFileSystem

# A server that falls silent is one that failed.
SILENT_SECONDS = 60
SFTP = ("sftp", "ssh")
LONGEST_REASON = 200


def open_address(address: str) -> tuple[AbstractFileSystem, str]:
    """Return the filesystem of an address and the path in it, connected anew.

    A connection that was kept from before might have died since.

    Raises:
        CampaignError: the setting of the known hosts is wrong.
        ImportError, ValueError: nothing here can open such an address.
        Exception: whatever the library of the filesystem raises.
    """
    import fsspec

    if any(f"{protocol}://" in address for protocol in SFTP):
        _trust_known_hosts_alone()
    bare, options = split_address(address)
    opened: tuple[AbstractFileSystem, str] = fsspec.core.url_to_fs(
        bare, skip_instance_cache=True, **options
    )
    return opened


@contextlib.contextmanager
def refused_as(refusal: Callable[[Exception], CashbackError]) -> Iterator[None]:
    """Let *refusal* make a sentence of whatever the library of a filesystem raises.

    Raises:
        CashbackError: anything went wrong in the block.
    """
    try:
        yield
    except CashbackError:
        raise
    except Exception as error:
        raise refusal(error) from error


def reason_of(error: Exception, masked: Callable[[str], str] = str) -> str:
    """Return what such a library says went wrong, in a few words."""
    if isinstance(error, OSError) and error.strerror:
        return masked(error.strerror)
    first = masked((str(error).splitlines() or [""])[0].rstrip("."))
    # Some tell the whole story of every try.
    return textwrap.shorten(first, LONGEST_REASON) or type(error).__name__


def _trust_known_hosts_alone() -> None:
    """Let ``sftp://`` be opened by the class below, for all of this process.

    fsspec's own class takes any key that a server shows.
    """
    import fsspec
    from fsspec.implementations.sftp import SFTPFileSystem

    known = _known_hosts_class()
    for protocol in SFTP:
        # A test may have put a filesystem of its own there.
        if fsspec.registry.get(protocol) in {None, SFTPFileSystem}:
            fsspec.register_implementation(protocol, known, clobber=True)


def _known_hosts_class() -> Any:
    import paramiko
    from fsspec.implementations.sftp import SFTPFileSystem

    # It writes whole tracebacks for a line that broke; the error itself says it.
    logging.getLogger("paramiko").addHandler(logging.NullHandler())

    class KnownHostsFileSystem(SFTPFileSystem):  # type: ignore[misc]
        """Files of a server whose key is in a file of known hosts."""

        def _connect(self) -> None:
            self.client = paramiko.SSHClient()
            self.client.load_system_host_keys()
            if more := os.environ.get("CASHBACK_KNOWN_HOSTS"):
                _add_known_hosts(self.client, more)
            self.client.set_missing_host_key_policy(paramiko.RejectPolicy())
            waits = ("timeout", "banner_timeout", "auth_timeout")
            limits = dict.fromkeys(waits, SILENT_SECONDS)
            self.client.connect(self.host, **limits | self.ssh_kwargs)
            self.ftp = self.client.open_sftp()
            self.ftp.get_channel().settimeout(SILENT_SECONDS)

    return KnownHostsFileSystem


def _add_known_hosts(client: Any, path: str) -> None:
    try:
        client.load_system_host_keys(path)
    except OSError as error:
        message = (
            f"the file {path} of the setting CASHBACK_KNOWN_HOSTS cannot be read "
            f"({error.strerror}); nothing was done: name a file like "
            "~/.ssh/known_hosts, or leave the setting out."
        )
        raise CampaignError(message) from error
