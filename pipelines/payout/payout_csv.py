"""Write a batch as the list that people approve: ``payout.csv``.

Of an account it shows the last four characters. A cell that a spreadsheet would run
as a formula gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from pipelines.payout.payment import money_text

if TYPE_CHECKING:
    from pipelines.payout.payment import Payment, PaymentFile

COLUMNS = (
    "batch_id",
    "end_to_end_id",
    "partner_id",
    "partner_name",
    "qualified_customers",
    "amount",
    "currency",
    "execution_date",
    "account_last4",
)
# The wide forms of the signs are formulas too, to spreadsheets of East Asia.
FORMULA_STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def render_csv(file: PaymentFile) -> bytes:
    """Return the bytes of ``payout.csv``: the same for the same batch."""
    rows = (_cells(file, payment) for payment in file.payments)
    return "".join(csv_line(row) for row in (COLUMNS, *rows)).encode("utf-8")


def _cells(file: PaymentFile, payment: Payment) -> tuple[str, ...]:
    return (
        file.batch_id,
        payment.end_to_end_id,
        payment.partner_id,
        payment.partner_name,
        str(payment.qualified_customers),
        money_text(payment.amount, payment.end_to_end_id),
        payment.currency,
        file.execution_date.isoformat(),
        payment.beneficiary.account_last4,
    )


def csv_line(cells: tuple[str, ...]) -> str:
    r"""Return one record, each cell harmless to a spreadsheet.

    >>> csv_line(("a", "=1+1", "b\rc"))
    'a,\'=1+1,"b\rc"\n'
    """
    text = io.StringIO()
    # The writer quotes the characters of its own line end, and no other: told of a
    # line feed, it would let a bare carriage return end a record.
    csv.writer(text, lineterminator="\r\n").writerow(map(harmless, cells))
    return text.getvalue().removesuffix("\r\n") + "\n"


def harmless(cell: str) -> str:
    """Return *cell* so that no spreadsheet runs it.

    >>> harmless("=1+1"), harmless(" @SUM(A1)"), harmless("Contoso - Leeds")
    ("'=1+1", "' @SUM(A1)", 'Contoso - Leeds')
    """
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA_STARTS) else cell
