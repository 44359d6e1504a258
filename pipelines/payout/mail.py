"""Mail by SMTP: one connection for all messages of a batch."""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING

from pipelines.errors import CampaignError, DestinationError
from pipelines.pages import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.settings import MailSettings

# Servers hang up on who says too much; a new connection is a new start.
MESSAGES_A_CONNECTION = 50
# Far below what servers take, and a subject stays on its line.
LONGEST_LINE = 200


# Trying again does not help.
SETTINGS_ARE_WRONG = (
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPNotSupportedError,
    smtplib.SMTPSenderRefused,
)


class NotTakenError(Exception):
    """The server does not take one message; the others may go on."""


def usable_address(text: str) -> str | None:
    """Return the mail address that a text is; None if it is not one, and one alone.

    >>> usable_address("ann@partner.example"), usable_address("a@b.example, c@d.e")
    ('ann@partner.example', None)
    >>> usable_address("ann@b\u00fccher.example")
    'ann@xn--bcher-kva.example'
    """
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return None
    return found.ascii_email or found.normalized


def new_message(
    settings: MailSettings, name: str, to: str, subject: str
) -> EmailMessage:
    """Return a message without a body, from the sender of the settings."""
    message = EmailMessage(policy=SMTP.clone(max_line_length=LONGEST_LINE))
    message["From"] = Address(display_name=_one_line(name), addr_spec=settings.sender)
    message["To"] = Address(addr_spec=to)
    if settings.reply_to:
        message["Reply-To"] = Address(addr_spec=settings.reply_to)
    message["Subject"] = _one_line(subject)
    message["Auto-Submitted"] = "auto-generated"
    return message


def _one_line(text: str) -> str:
    """Return a text of a header: no sender of data decides where one ends."""
    return visible(" ".join(text.split()))


class MailServer:
    """A connection to the mail server, open until the block ends."""

    def __init__(self, settings: MailSettings) -> None:
        if not settings.host:
            message = (
                "the setting mail.host is not given, so nobody was told anything: name "
                "the mail server in CASHBACK_MAIL_HOST, or try with --dry-run."
            )
            raise CampaignError(message)
        self._settings = settings
        self._where = f"{settings.host}:{settings.port}"
        self._smtp: smtplib.SMTP
        self._sent = 0

    def __enter__(self) -> MailServer:
        """Connect, and log in if the settings say as whom."""
        self._begin()
        return self

    def _begin(self) -> None:
        with self._trouble():
            self._smtp = self._connected()
            if self._settings.user and self._settings.password:
                password = self._settings.password.get_secret_value()
                self._smtp.login(self._settings.user, password)

    def __exit__(self, *_: object) -> None:
        """Say goodbye."""
        self._end()

    def _end(self) -> None:
        # Whether it is heard changes nothing.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            self._smtp.quit()

    def send(self, message: EmailMessage) -> None:
        """Hand over one message.

        Raises:
            NotTakenError: the server does not take it.
            DestinationError: the server is gone.
            CampaignError: it does not take what the settings say.
        """
        if self._sent and self._sent % MESSAGES_A_CONNECTION == 0:
            self._end()
            self._begin()
        self._sent += 1
        with self._trouble():
            try:
                self._smtp.send_message(message)
            except smtplib.SMTPRecipientsRefused as error:
                ((code, reason),) = error.recipients.values()
                raise NotTakenError(_said(code, reason)) from None
            except smtplib.SMTPDataError as error:
                raise NotTakenError(_said(error.smtp_code, error.smtp_error)) from None
            except smtplib.SMTPNotSupportedError:
                why = "the server takes plain addresses alone"
                raise NotTakenError(why) from None

    def _connected(self) -> smtplib.SMTP:
        host, port = str(self._settings.host), self._settings.port
        seconds = self._settings.timeout_seconds
        context = ssl.create_default_context()
        if self._settings.security == "tls":
            return smtplib.SMTP_SSL(host, port, timeout=seconds, context=context)
        smtp = smtplib.SMTP(host, port, timeout=seconds)
        if self._settings.security == "starttls":
            smtp.starttls(context=context)
        return smtp

    @contextlib.contextmanager
    def _trouble(self) -> Iterator[None]:
        """Say in one sentence that the server did not do as asked."""
        try:
            yield
        except SETTINGS_ARE_WRONG as error:
            message = (
                f"the mail server {self._where} does not take what the settings say "
                f"({_what(error)}); who was not told yet was not told: correct "
                "mail.user, mail.password, mail.sender or mail.security."
            )
            raise CampaignError(message) from error
        except (smtplib.SMTPException, OSError) as error:
            message = (
                f"the mail server {self._where} failed ({_what(error)}); who was not "
                "told yet was not told: see that it is there and takes the user, then "
                "give the same command again, to go on where it stopped."
            )
            raise DestinationError(message) from error


def _said(code: int, reason: bytes | str) -> str:
    """Return a refusal without the address that it repeats."""
    text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
    shown = re.sub(r"\S+@\S+", "(the address)", " ".join(text.split()))
    return f"{code} {shown}"


def _what(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"it said {_said(error.smtp_code, error.smtp_error)}"
    return str(getattr(error, "strerror", None) or type(error).__name__)
