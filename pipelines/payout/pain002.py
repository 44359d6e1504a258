"""Read what a bank says of payments that it was ordered to make: pain.002.

A status stands at three levels: the message, its payment block, the transaction. As
we send one block a message, the first two are about the same payments, and the block
has the last word of them. A transaction has the last word of itself, if it has one,
but for one case: in a message that is rejected, nothing else is believed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.payout.answer_values import amount_of, given, text_of
from pipelines.payout.bank_answer import BankAnswer, Status, status_of, without_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"
# Some of the transactions were accepted: each says so for itself.
PARTLY = "PART"


def read_pain002(document: Any) -> Iterator[BankAnswer]:
    """Yield what a pain.002 says: of the whole message first, then of payments."""
    for report in document.iterfind(f"{{{NAMESPACE}}}CstmrPmtStsRpt"):
        source = f"pain.002 {text_of(report, 'GrpHdr/MsgId') or 'without an id'}"
        group = report.find(f"{{{NAMESPACE}}}OrgnlGrpInfAndSts")
        blocks = report.findall(f"{{{NAMESPACE}}}OrgnlPmtInfAndSts")
        if not blocks:
            yield _whole(group, "GrpSts", text_of(group, "OrgnlMsgId"), source)
        for block in blocks:
            yield from _block_answers(group, block, source)


def _block_answers(group: Any, block: Any, source: str) -> Iterator[BankAnswer]:
    message_id = text_of(group, "OrgnlMsgId") or text_of(block, "OrgnlPmtInfId")
    level, tag = (
        (block, "PmtInfSts") if text_of(block, "PmtInfSts") else (group, "GrpSts")
    )
    code = text_of(level, tag)
    is_rejected = Status.REJECTED in {
        status_of(text_of(group, "GrpSts")),
        status_of(text_of(block, "PmtInfSts")),
    }
    transactions = block.findall(f"{{{NAMESPACE}}}TxInfAndSts")
    # Without a status of its own, a level only frames its transactions.
    if not transactions or (code and code != PARTLY):
        yield _whole(level, tag, message_id, source, is_rejected=is_rejected)
    for transaction in transactions:
        own = text_of(transaction, "TxSts") or code
        yield _transaction(
            transaction, own, message_id, source, is_rejected=is_rejected
        )


def _whole(
    level: Any,
    tag: str,
    message_id: str | None,
    source: str,
    *,
    is_rejected: bool = False,
) -> BankAnswer:
    code = text_of(level, tag)
    status = status_of(code)
    if is_rejected and status is not Status.REJECTED:
        return _contradiction(None, message_id, code, source)
    reason_code, reason = _reason(level, code, status)
    return BankAnswer(
        end_to_end_id=None,
        original_message_id=message_id,
        status=status,
        reason_code=reason_code,
        reason=reason,
        source=source,
    )


def _transaction(
    transaction: Any,
    code: str | None,
    message_id: str | None,
    source: str,
    *,
    is_rejected: bool,
) -> BankAnswer:
    status = status_of(code)
    end_to_end_id = given(text_of(transaction, "OrgnlEndToEndId")) or given(
        text_of(transaction, "OrgnlInstrId")
    )
    if is_rejected and status is not Status.REJECTED:
        return _contradiction(end_to_end_id, message_id, code, source)
    reason_code, reason = _reason(transaction, code, status)
    amount, currency = amount_of(transaction, "OrgnlTxRef/Amt/InstdAmt")
    if end_to_end_id is None:
        # It must not be taken for the status of the whole message.
        status, reason = Status.UNKNOWN, "a transaction without its end-to-end id"
    return BankAnswer(
        end_to_end_id=end_to_end_id,
        original_message_id=message_id,
        status=status,
        reason_code=reason_code,
        reason=reason,
        amount=amount,
        currency=currency,
        source=source,
    )


def _contradiction(
    end_to_end_id: str | None, message_id: str | None, code: str | None, source: str
) -> BankAnswer:
    return BankAnswer(
        end_to_end_id=end_to_end_id,
        original_message_id=message_id,
        status=Status.UNKNOWN,
        reason_code=code,
        reason="the bank rejects the whole, and not this part of it",
        source=source,
    )


def _reason(
    level: Any, code: str | None, status: Status
) -> tuple[str | None, str | None]:
    """Return the bank's first reason code, and all that it says in words."""
    if level is None:
        return None, None
    reasons = level.findall(f"{{{NAMESPACE}}}StsRsnInf")
    codes = [text_of(one, "Rsn/Cd") or text_of(one, "Rsn/Prtry") for one in reasons]
    words = [
        element.text or ""
        for one in reasons
        for element in one.findall(f"{{{NAMESPACE}}}AddtlInf")
    ]
    if status is Status.UNKNOWN:
        words.insert(0, f"status {code}" if code else "no status")
    first = next((code for code in codes if code), None)
    return first, without_numbers("; ".join(words)) or None
