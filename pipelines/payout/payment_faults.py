"""What is wrong with a payment file: the last look before people approve it.

The schema sees the form. It does not see a wrong sum, an id that comes twice, an
IBAN with a wrong digit, money that does not exist, or a Saturday. A fault names the
payment, and never quotes an account.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.banking_days import is_banking_day
from pipelines.payout import pain001
from pipelines.payout.bank_text import (
    BANK_CHARACTERS,
    MAX_NAME,
    bank_text,
    is_bank_id,
)
from pipelines.payout.iso_codes import is_currency
from pipelines.payout.pain001_reading import ReadFile, read_payment_file
from pipelines.payout.pain001_schema import schema_faults
from pipelines.payout.party_faults import party_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.payout.pain001_reading import ReadPayment
    from pipelines.payout.payment import Payment, PaymentFile

AMOUNT = re.compile(r"[0-9]{1,15}\.[0-9]{2}")
UETR = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)


def payment_file_faults(
    xml: bytes,
    file: PaymentFile,
    *,
    pay_by: dt.date | None = None,
    calendar: str = "FED",
) -> list[str]:
    """Return what is wrong with *xml*, by itself and as what *file* says.

    Without *pay_by*, a late execution date is no fault.

    Raises:
        DataError: it is not XML.
    """
    read = read_payment_file(xml)
    return [
        *schema_faults(xml),
        *_message_faults(read),
        *_sum_faults(read),
        *_date_faults(read, pay_by, calendar),
        *(f"the payer: {fault}" for fault in _payer_faults(read)),
        *_repeats(read),
        *(
            f"payment {payment.end_to_end_id}: {fault}"
            for payment in read.payments
            for fault in _payment_faults(payment, file.execution_date)
        ),
        *_character_faults(read),
        *_differences(read, file),
    ]


def _message_faults(read: ReadFile) -> Iterator[str]:
    if read.payment_blocks != 1:
        yield f"there are {read.payment_blocks} payment blocks, not 1"
    if not is_bank_id(read.message_id):
        yield f"the message id {read.message_id!r} is not one that banks take"
    if read.payment_block_id != read.message_id:
        yield (
            f"the payment block is named {read.payment_block_id!r}, not like the "
            f"message, {read.message_id!r}"
        )
    if read.charges != pain001.CHARGES:
        yield f"the charges are {read.charges!r}, not {pain001.CHARGES!r}"
    if read.service_level != pain001.SERVICE_LEVEL:
        yield (
            f"the service level is {read.service_level!r}, "
            f"not {pain001.SERVICE_LEVEL!r}"
        )


def _sum_faults(read: ReadFile) -> Iterator[str]:
    amounts = (_exact(payment.amount) for payment in read.payments)
    total = str(sum((amount or 0 for amount in amounts), Decimal("0.00")))
    for where, count in zip(("message", "payment block"), read.counts, strict=True):
        if count != str(len(read.payments)):
            yield (
                f"the {where} counts {count or 'no'} payments, "
                f"and there are {len(read.payments)}"
            )
    sums = zip(("message", "payment block"), read.control_sums, strict=True)
    for where, control_sum in sums:
        if control_sum != total:
            yield (
                f"the control sum of the {where} is {control_sum or 'missing'}, "
                f"and the payments add up to {total}"
            )


def _date_faults(
    read: ReadFile, pay_by: dt.date | None, calendar: str
) -> Iterator[str]:
    try:
        day = dt.date.fromisoformat(read.execution_date)
    except ValueError:
        yield f"the execution date {read.execution_date!r} is no date"
        return
    if not is_banking_day(day, calendar):
        yield (
            f"the execution date {day} is a {day:%A} on which no wires run: the bank "
            "would move it to a later day"
        )
    if pay_by and day > pay_by:
        yield f"the execution date {day} is after the last day to pay, {pay_by}"


def _payer_faults(read: ReadFile) -> Iterator[str]:
    yield from party_faults(read.payer)
    if not read.payer.bic and not read.payer.clearing_member_id:
        yield "the bank has neither a BIC nor a US routing number"


def _repeats(read: ReadFile) -> Iterator[str]:
    for what, ids in (
        ("end-to-end id", [payment.end_to_end_id for payment in read.payments]),
        ("UETR", [payment.uetr for payment in read.payments]),
    ):
        for name, count in sorted(Counter(ids).items()):
            if count > 1:
                yield f"the {what} {name!r} is there {count} times"
    currencies = sorted({payment.currency for payment in read.payments})
    if len(currencies) > 1:
        yield f"one sum of several currencies: {', '.join(currencies)}"


def _payment_faults(payment: ReadPayment, on: dt.date) -> Iterator[str]:
    if not is_bank_id(payment.end_to_end_id):
        yield "the end-to-end id is not one that banks take"
    if not UETR.fullmatch(payment.uetr):
        yield f"the UETR {payment.uetr!r} is not a lower-case UUID of version 4"
    if not AMOUNT.fullmatch(payment.amount):
        yield f"the amount {payment.amount!r} has not exactly two decimals"
    elif not Decimal(payment.amount):
        yield "the amount is nothing"
    if not is_currency(payment.currency, on):
        yield f"the currency {payment.currency!r} is not known"
    if payment.purpose != pain001.PURPOSE:
        yield f"the purpose is {payment.purpose!r}, not {pain001.PURPOSE!r}"
    yield from party_faults(payment.beneficiary)


def _character_faults(read: ReadFile) -> Iterator[str]:
    """Yield elements with characters that a bank may refuse, such as emoji."""
    strange: Counter[str] = Counter(
        tag for tag, text in read.texts if not BANK_CHARACTERS.fullmatch(text)
    )
    for tag, count in sorted(strange.items()):
        yield f"{tag} holds characters that banks do not take, {count} times"


def _differences(read: ReadFile, file: PaymentFile) -> Iterator[str]:
    """Yield where the file is not what was decided: each payment, to the cent."""
    if read.message_id != file.message_id:
        yield f"the message id is {read.message_id!r}, not {file.message_id!r}"
    if read.execution_date != file.execution_date.isoformat():
        yield (
            f"the execution date is {read.execution_date!r}, not {file.execution_date}"
        )
    if (read.payer.iban, read.payer.account_number) != (
        file.payer.iban or "",
        "" if file.payer.iban else file.payer.account_number or "",
    ):
        yield "the payer's account is another one"
    written = {payment.end_to_end_id: payment for payment in read.payments}
    for payment in file.payments:
        found = written.pop(payment.end_to_end_id, None)
        if found is None:
            yield f"payment {payment.end_to_end_id} is missing"
            continue
        for what in _other_values(found, payment):
            yield f"payment {payment.end_to_end_id}: {what} is not what was decided"
    for end_to_end_id in written:
        yield f"payment {end_to_end_id} was not decided"


def _other_values(read: ReadPayment, payment: Payment) -> list[str]:
    creditor = payment.beneficiary
    values = {
        "the amount": (_exact(read.amount), payment.amount),
        "the currency": (read.currency, payment.currency),
        "the UETR": (read.uetr, payment.uetr),
        "the beneficiary": (read.beneficiary.name, bank_text(creditor.name, MAX_NAME)),
        "the account": (
            read.beneficiary.iban or read.beneficiary.account_number,
            creditor.iban or creditor.account_number,
        ),
        "the bank": (
            (read.beneficiary.bic, read.beneficiary.clearing_member_id),
            (creditor.bic or "", creditor.routing_number or ""),
        ),
    }
    return [what for what, (found, decided) in values.items() if found != decided]


def _exact(amount: str) -> Decimal | None:
    return Decimal(amount) if AMOUNT.fullmatch(amount) else None
