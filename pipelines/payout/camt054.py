"""Read what a bank booked on the payer's account: camt.054.

A debit that is booked settles its payment; a credit that is marked as a return or a
reversal brings one back. Anything else is not ours to guess at.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from pipelines.payout.answer_values import amount_of, date_of, given, text_of
from pipelines.payout.bank_answer import BankAnswer, Status, without_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"
BOOKED = "BOOK"
AWAITED = {"PDNG", "FUTR"}
# A credit of this family is a payment of ours that came back.
RETURNED_TRANSFER = "RRTN"


def read_camt054(document: Any) -> Iterator[BankAnswer]:
    """Yield what a camt.054 says of each transaction that was, or will be, booked.

    In the order of their days, whatever the order of the bank: what came back on the
    day that it went out is yielded after it.
    """
    found: list[BankAnswer] = []
    for message in document.iterfind(f"{{{NAMESPACE}}}BkToCstmrDbtCdtNtfctn"):
        source = f"camt.054 {text_of(message, 'GrpHdr/MsgId') or 'without an id'}"
        for entry in message.iter(f"{{{NAMESPACE}}}Ntry"):
            found += _entry_answers(entry, source)
    yield from sorted(found, key=_when)


def _when(answer: BankAnswer) -> tuple[dt.date, bool]:
    return (answer.booked_on or dt.date.max, answer.status is Status.RETURNED)


def _entry_answers(entry: Any, source: str) -> Iterator[BankAnswer]:
    transactions = entry.findall(f"{{{NAMESPACE}}}NtryDtls/{{{NAMESPACE}}}TxDtls")
    for transaction in transactions:
        yield _answer(entry, transaction, source, is_only=len(transactions) == 1)
    if not transactions:
        batch = f"{{{NAMESPACE}}}NtryDtls/{{{NAMESPACE}}}Btch"
        amount, currency = amount_of(entry, "Amt")
        yield BankAnswer(
            end_to_end_id=None,
            original_message_id=_first(entry.find(batch), "PmtInfId", "MsgId"),
            status=Status.UNKNOWN,
            reason="a booking that does not name its payments",
            amount=amount,
            currency=currency,
            booked_on=date_of(entry, "BookgDt"),
            source=source,
        )


def _answer(entry: Any, transaction: Any, source: str, *, is_only: bool) -> BankAnswer:
    end_to_end_id = given(text_of(transaction, "Refs/EndToEndId")) or given(
        text_of(transaction, "Refs/InstrId")
    )
    status, remark = _status(entry, transaction)
    if end_to_end_id is None:
        status, remark = Status.UNKNOWN, "a booking without its end-to-end id"
    amount, currency = _amount(entry, transaction, is_only=is_only)
    words = [remark or "", *_words(transaction)]
    return BankAnswer(
        end_to_end_id=end_to_end_id,
        original_message_id=_first(transaction, "Refs/MsgId", "Refs/PmtInfId"),
        status=status,
        reason_code=_first(transaction, "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry"),
        reason=without_numbers("; ".join(word for word in words if word)) or None,
        amount=amount,
        currency=currency,
        booked_on=date_of(entry, "BookgDt"),
        source=source,
    )


def _status(entry: Any, transaction: Any) -> tuple[Status, str | None]:
    booking = _first(entry, "Sts/Cd", "Sts/Prtry")
    if booking in AWAITED:
        return Status.PENDING, None
    if booking != BOOKED:
        return Status.UNKNOWN, f"booking status {booking or 'missing'}"
    side = text_of(transaction, "CdtDbtInd") or text_of(entry, "CdtDbtInd")
    comes_back = _comes_back(entry, transaction)
    if side == "DBIT" and not comes_back:
        return Status.SETTLED, None
    if side == "CRDT" and comes_back:
        return Status.RETURNED, None
    return Status.UNKNOWN, {
        "CRDT": "a credit that is not marked as a return",
        "DBIT": "a debit that is marked as a return",
    }.get(side or "", "a booking that is neither debit nor credit")


def _comes_back(entry: Any, transaction: Any) -> bool:
    families = [
        text_of(level, "BkTxCd/Domn/Fmly/SubFmlyCd") for level in (entry, transaction)
    ]
    return (
        transaction.find(f"{{{NAMESPACE}}}RtrInf") is not None
        or text_of(entry, "RvslInd") in {"true", "1"}
        or RETURNED_TRANSFER in families
    )


def _amount(
    entry: Any, transaction: Any, *, is_only: bool
) -> tuple[Decimal | None, str | None]:
    """Return what was moved for one payment, not for those beside it.

    Of a debit, what was ordered: the booking may hold charges. Of a credit, what came
    back: charges may be missing from it.
    """
    booked = ["Amt", "AmtDtls/TxAmt/Amt"]
    is_debit = text_of(entry, "CdtDbtInd") == "DBIT"
    for path in ["AmtDtls/InstdAmt/Amt", *booked] if is_debit else booked:
        amount, currency = amount_of(transaction, path)
        if amount is not None:
            return amount, currency
    return amount_of(entry, "Amt") if is_only else (None, None)


def _words(transaction: Any) -> list[str]:
    tag = f"{{{NAMESPACE}}}"
    return [
        element.text or ""
        for element in transaction.findall(f"{tag}RtrInf/{tag}AddtlInf")
    ]


def _first(parent: Any, *paths: str) -> str | None:
    return next((found for path in paths if (found := text_of(parent, path))), None)
