"""The mail to one partner about one batch: the same bytes at the same moment."""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from pipelines.files import digest_of
from pipelines.payout.mail import new_message

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from pipelines.clock import Moment
    from pipelines.payout.statements import Statement
    from pipelines.settings import Settings


def mail_of(statement: Statement, moment: Moment, settings: Settings) -> EmailMessage:
    """Return the mail to one partner, with its statement as page and as table."""
    title = statement.terms["title"]["value"]
    message = new_message(
        settings.mail,
        settings.payer.name,
        statement.address,
        f"{title}: your statement, batch {statement.batch_id}",
    )
    domain = settings.mail.sender.rpartition("@")[2]
    digest = digest_of([statement.batch_id, statement.partner_id])[:32]
    message["Message-ID"] = f"<{digest}@{domain}>"
    recorded_at = dt.datetime.fromisoformat(moment.recorded_at)
    message["Date"] = format_datetime(recorded_at)
    message.set_content("\n".join(_lines(statement)))
    name = f"statement-{file_name(statement.partner_id)}"
    message.add_attachment(statement.html(), subtype="html", filename=f"{name}.html")
    message.add_attachment(
        statement.csv().decode(), subtype="csv", filename=f"{name}.csv"
    )
    # A boundary by chance would make each mail another one.
    message.set_boundary(f"statement-{digest}")
    return message


def _lines(statement: Statement) -> Iterator[str]:
    partner, payment = statement.partner, statement.payment
    name = " ".join(str(partner["partner_name"] or partner["partner_id"]).split())
    yield f"To {name}, partner {partner['partner_id']}"
    yield ""
    if payment:
        yield (
            f"We have ordered a payment of {payment['amount']} {payment['currency']} "
            f"for {payment['execution_date']}, to your account that ends in "
            f"{payment['account_last4']}. The wire names {payment['end_to_end_id']}."
        )
    else:
        yield "This batch pays you nothing."
    yield (
        f"You have earned {partner['earned_amount']} {partner['currency']} in all, for "
        f"{partner['qualified_customers']} customers; the last day to pay is "
        f"{partner['pay_by']}."
    )
    for hold in statement.holds:
        yield f"Your payment is held until this is cured: {hold['cure']}"
    yield ""
    yield (
        "The statement attached, as a page and as a table, lists every customer that "
        "was considered, what is missing, and what you can do about it."
    )


def file_name(partner_id: str) -> str:
    """Return a partner's id as part of a file's name, whatever it holds."""
    return quote(partner_id, safe="") or "blank"
