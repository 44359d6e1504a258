"""What the ledger says of notices: who was told of a batch, and who was not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa

from pipelines.ledger.tables import NOTICES

if TYPE_CHECKING:
    from pipelines.ledger.ledger import Book, WritableBook

Step = Literal["sending", "sent", "refused"]


def last_steps(book: Book, batch_id: str) -> dict[str, Step]:
    """Return, by partner, how far the notice of a batch came.

    A last step ``sending`` is of a process that died: the mail may have gone out.
    """
    rows = book.rows(
        "select partner_id, step from notices where batch_id = :batch_id "
        "order by sequence",
        batch_id=batch_id,
    )
    return {row["partner_id"]: row["step"] for row in rows}


def begun_at(book: Book, batch_id: str) -> dict[str, str]:
    """Return, by partner, when a mail about a batch was first about to go out."""
    rows = book.rows(
        "select partner_id, min(recorded_at) as recorded_at from notices "
        "where batch_id = :batch_id group by partner_id order by partner_id",
        batch_id=batch_id,
    )
    return {row["partner_id"]: row["recorded_at"] for row in rows}


def record_notice(  # noqa: PLR0913, PLR0917 - the columns of one row
    book: WritableBook,
    batch_id: str,
    partner_id: str,
    step: Step,
    message_id: str,
    reason: str | None = None,
) -> None:
    """Add one step of one notice.

    Raises:
        LedgerError: the partner was told of the batch before.
    """
    last = book.connection.execute(sa.select(sa.func.max(NOTICES.c.sequence)))
    book.connection.execute(
        sa.insert(NOTICES).values(
            sequence=(last.scalar_one() or 0) + 1,
            recorded_at=book.recorded_at,
            batch_id=batch_id,
            partner_id=partner_id,
            step=step,
            message_id=message_id,
            reason=reason,
        )
    )
