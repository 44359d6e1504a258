"""A real mail server on a free port, which keeps what it takes."""

from __future__ import annotations

import contextlib
import email
import socket
import ssl
import subprocess
from dataclasses import dataclass, field
from email.policy import default
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

USER, PASSWORD = "cashback", "the mail password"


@dataclass
class Mailbox:
    """What a server took, on disk, so that it outlives a process that was killed."""

    folder: Path
    refused: set[str] = field(default_factory=set)  # addresses that it does not know
    gone_after: int | None = None  # it hangs up on the message after so many

    goodbyes: int = 0

    async def handle_QUIT(self, *_: Any) -> str:  # noqa: N802 - the names that the library calls
        """Count who hangs up in peace."""
        self.goodbyes += 1
        return "221 Bye"

    async def handle_RCPT(self, _s: Any, _n: Any, envelope: Any, address: str, _o: Any):  # noqa: N802
        """Refuse whom it does not know."""
        if address in self.refused:
            return f"550 5.1.1 <{address}> unknown here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _: Any, envelope: Any) -> str:  # noqa: N802
        """Keep a message, or hang up."""
        count = len(list(self.folder.iterdir()))
        if self.gone_after is not None and count >= self.gone_after:
            server.transport.close()
            return "421 closing"
        (to,) = envelope.rcpt_tos
        (self.folder / f"{count:04d} {to}").write_bytes(envelope.content)
        return "250 taken"

    def messages(self) -> list[EmailMessage]:
        """Return what it took, in that order."""
        paths = sorted(self.folder.iterdir())
        return [
            email.message_from_bytes(path.read_bytes(), policy=default)
            for path in paths
        ]

    def told(self) -> list[str]:
        """Return the addresses that it took a message for, sorted."""
        return sorted(str(message["To"]) for message in self.messages())


@contextlib.contextmanager
def mail_server(mailbox: Mailbox, certificate: Path | None = None) -> Iterator[int]:
    """Run a server for *mailbox*; give its port.

    With a certificate it insists on STARTTLS and on the user.
    """
    more: dict[str, Any] = {}
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        more = {
            "tls_context": context,
            "require_starttls": True,
            "auth_required": True,
            "authenticator": _is_known,
        }
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **more)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def _is_known(*arguments: Any) -> AuthResult:
    data = arguments[-1]
    is_ours = isinstance(data, LoginPassword) and data == LoginPassword(
        USER.encode(), PASSWORD.encode()
    )
    return AuthResult(success=is_ours, handled=is_ours)


def certificate(folder: Path) -> Path:
    """Return a certificate for localhost, with its key, that signs itself."""
    path = folder / "localhost.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(path)]
    subprocess.run(  # noqa: S603 - our own words
        [*command.split(), *names, *files], check=True, capture_output=True
    )
    path.write_text(path.read_text() + (folder / "key.pem").read_text())
    return path
