"""The mail to one partner about one batch: a repeat has the same bytes."""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime
from typing import TYPE_CHECKING

from pipelines.files import digest_of
from pipelines.pages import visible
from pipelines.payout.mail import new_message
from pipelines.payout.statement_files import file_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from email.message import EmailMessage

    from pipelines.payout.statements import Statement
    from pipelines.settings import Settings

# Suffix of an attachment, and what it is.
KINDS = {".html": "html", ".csv": "csv"}


def mail_of(
    statement: Statement,
    to: str,
    files: Mapping[str, bytes],
    at: str,
    settings: Settings,
) -> EmailMessage:
    """Return the mail to one partner.

    *files* is its statement, by suffix; *at* is the moment that it is dated by.
    """
    title = statement.terms["title"]["value"]
    subject = f"{title}: your statement, batch {statement.batch_id}"
    if statement.is_draft:
        subject = f"DRAFT, not to be sent: {subject}"
    message = new_message(settings.mail, settings.payer.name, to, subject)
    domain = settings.mail.sender.rpartition("@")[2]
    digest = digest_of([statement.batch_id, statement.partner_id])[:32]
    message["Message-ID"] = f"<{digest}@{domain}>"
    message["Date"] = format_datetime(dt.datetime.fromisoformat(at))
    message.set_content("\n".join(_lines(statement)))
    for suffix, kind in KINDS.items():
        # As bytes: a text would get other line ends on its way.
        message.add_attachment(
            files[suffix],
            maintype="text",
            subtype=kind,
            filename=file_name(statement.partner_id) + suffix,
            params={"charset": "utf-8"},
        )
    # A boundary by chance would make each mail another one.
    message.set_boundary(f"statement-{digest}")
    return message


def _lines(statement: Statement) -> Iterator[str]:
    partner, payment = statement.partner, statement.payment
    currency = partner["currency"]
    name = visible(" ".join((partner["partner_name"] or "").split()))
    yield f"To {name or 'partner'}, MPN id {visible(partner['partner_id'])}"
    yield ""
    if payment:
        yield (
            f"We have ordered a payment of {payment['amount']} {currency} "
            f"for {payment['execution_date']}, to your account that ends in "
            f"{payment['account_last4']}. The wire names {payment['end_to_end_id']}."
        )
    else:
        yield "This batch pays you nothing."
    yield (
        f"You have earned {partner['earned_amount']} {currency} in all, for "
        f"{_customers(partner['qualified_customers'])}; {statement.paid_before} "
        f"{currency} of it was paid before."
    )
    if statement.open_cents > 0:
        yield (
            f"{statement.open_amount} {currency} are earned and not paid yet; the last "
            f"day to pay is {partner['pay_by']}."
        )
    if statement.open_cents < 0:
        yield (
            f"You were paid {statement.open_amount} {currency} too much: it is taken "
            "off what you earn later."
        )
    for hold in statement.holds:
        yield f"Your payment is held until this is cured: {hold['cure']}"
    if partner["pending_customers"]:
        yield f"Pending: {_customers(partner['pending_customers'])}."
    yield ""
    yield (
        "The statement attached, as a page and as a table, lists every customer that "
        "was considered, what is missing, and what you can do about it."
    )


def _customers(count: int) -> str:
    return "1 customer" if count == 1 else f"{count:,} customers"
