"""What is wrong with a payment file, before people approve it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from pipelines.errors import DataError
from pipelines.payout.pain001 import render
from pipelines.payout.pain001_schema import schema_faults
from pipelines.payout.payment_faults import payment_file_faults
from tests.payout.batches import beneficiary, payer, payment, payment_file

if TYPE_CHECKING:
    from pipelines.payout.payment import Payment, PaymentFile

DEADLINE = dt.date(2019, 9, 28)


def faults_of(file: PaymentFile) -> list[str]:
    """Return the faults of a file that is written as it is decided."""
    return payment_file_faults(render(file), file, pay_by=DEADLINE)


def faults_after(file: PaymentFile, old: str, new: str) -> list[str]:
    """Return the faults after somebody replaced one text in the bytes."""
    xml = render(file)
    assert xml.count(old.encode()) >= 1
    return payment_file_faults(xml.replace(old.encode(), new.encode(), 1), file)


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        (
            payment_file(execution_date=dt.date(2019, 9, 28)),
            "the execution date 2019-09-28 is a Saturday on which no wires run: the "
            "bank would move it to a later day",
        ),
        (
            payment_file(execution_date=dt.date(2019, 9, 2)),
            "the execution date 2019-09-02 is a Monday on which no wires run: the "
            "bank would move it to a later day",
        ),
        (
            payment_file(execution_date=dt.date(2019, 9, 30)),
            "the execution date 2019-09-30 is after the last day to pay, 2019-09-28",
        ),
        (
            payment_file(payments=(payment(0), payment(1, currency="EUR"))),
            "one sum of several currencies: EUR, USD",
        ),
        (
            payment_file(message_id="a//b"),
            "the message id 'a//b' is not one that banks take",
        ),
        (payment_file(payer=payer(name="🚀")), "the payer: the name is missing"),
        (
            payment_file(payer=payer(bic="MOCK")),
            "the payer: the BIC is not in form",
        ),
    ],
)
def test_a_batch_that_a_bank_would_misunderstand_has_a_fault(
    file: PaymentFile, fault: str
) -> None:
    """The schema finds none of these, or not in words."""
    assert fault in faults_of(file)


@pytest.mark.parametrize(
    ("one", "fault"),
    [
        (payment(amount=Decimal("0.00")), "the amount is nothing"),
        (
            payment(amount=Decimal("-2000.00")),
            "the amount '-2000.00' has not exactly two decimals",
        ),
        (payment(currency="ZZZ"), "the currency 'ZZZ' is not known"),
        (payment(currency="DEM"), "the currency 'DEM' is not known"),
        (
            payment(uetr="c61d6c6a-b756-5e47-a1a8-7717e8f65e9e"),
            "the UETR 'c61d6c6a-b756-5e47-a1a8-7717e8f65e9e' is not a lower-case "
            "UUID of version 4",
        ),
        (
            payment(uetr="C61D6C6A-B756-4E47-A1A8-7717E8F65E9E"),
            "the UETR 'C61D6C6A-B756-4E47-A1A8-7717E8F65E9E' is not a lower-case "
            "UUID of version 4",
        ),
        (
            payment(end_to_end_id="x" * 36),
            "the end-to-end id is not one that banks take",
        ),
        (
            payment(end_to_end_id="🚀"),
            "the end-to-end id is not one that banks take",
        ),
        (payment(beneficiary=beneficiary(name="🚀")), "the name is missing"),
        (payment(beneficiary=beneficiary(town_name="")), "the town is missing"),
        (payment(beneficiary=beneficiary(country="")), "the country is missing"),
        (
            payment(beneficiary=beneficiary(country="UK")),
            "the country 'UK' is not known",
        ),
        (
            payment(beneficiary=beneficiary(1, iban="GB83WEST12345698765432")),
            "the IBAN does not check",
        ),
        (
            payment(beneficiary=beneficiary(1, iban="GB82 WEST 1234 5698 7654 32")),
            "the IBAN does not check",
        ),
        (
            payment(beneficiary=beneficiary(2, bic="DEUTDEF")),
            "the BIC is not in form",
        ),
        (
            payment(beneficiary=beneficiary(0, routing_number="021000022")),
            "the US routing number does not check",
        ),
        (
            payment(beneficiary=beneficiary(0, routing_number=None)),
            "the account number has neither a BIC nor a US routing number",
        ),
        (
            payment(beneficiary=beneficiary(0, account_number="4_4")),
            "the account number is not one that banks take",
        ),
        (
            payment(beneficiary=beneficiary(0, account_number=None)),
            "neither an IBAN nor an account number is given",
        ),
    ],
)
def test_a_payment_that_would_go_astray_has_a_fault(one: Payment, fault: str) -> None:
    """The fault names the payment, and never its account."""
    faults = faults_of(payment_file(payments=(one,)))

    assert f"payment {one.end_to_end_id}: {fault}" in faults
    accounts = {one.beneficiary.iban, one.beneficiary.account_number} - {None}
    assert not [text for text in faults if any(str(a) in text for a in accounts)]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "<NbOfTxs>2</NbOfTxs>",
            "<NbOfTxs>3</NbOfTxs>",
            "the message counts 3 payments, and there are 2",
        ),
        (
            "<CtrlSum>6000.00</CtrlSum>",
            "<CtrlSum>6000.01</CtrlSum>",
            "the control sum of the message is 6000.01, and the payments add up to "
            "6000.00",
        ),
        (
            '<InstdAmt Ccy="USD">2000.00</InstdAmt>',
            '<InstdAmt Ccy="USD">9000.00</InstdAmt>',
            "the control sum of the payment block is 6000.00, and the payments add "
            "up to 13000.00",
        ),
        (
            '<InstdAmt Ccy="USD">2000.00</InstdAmt>',
            '<InstdAmt Ccy="USD">2000.0</InstdAmt>',
            f"payment {payment(0).end_to_end_id}: the amount '2000.0' has not exactly "
            "two decimals",
        ),
        (
            f"<PmtInfId>{payment_file().message_id}",
            "<PmtInfId>other",
            "the payment block is named 'other', not like the message, "
            f"'{payment_file().message_id}'",
        ),
        ("<ChrgBr>DEBT", "<ChrgBr>SHAR", "the charges are 'SHAR', not 'DEBT'"),
        (
            "<PmtMtd>TRF",
            "<PmtMtd>WIRE",
            "line 15: PmtMtd breaks the enumeration of the schema "
            "(SCHEMAV_CVC_ENUMERATION_VALID)",
        ),
        (
            "<Cd>URGP",
            "<Cd>NURG",
            "the service level is 'NURG', not 'URGP'",
        ),
        (
            "<Cd>REBT",
            "<Cd>SALA",
            f"payment {payment(0).end_to_end_id}: the purpose is 'SALA', not 'REBT'",
        ),
        (
            "<TwnNm>Lodz",
            "<TwnNm>Łódź 🚀",
            "TwnNm holds characters that banks do not take, 1 times",
        ),
        (
            "<Dt>2019-09-27",
            "<Dt>2019-09-26",
            "the execution date is '2019-09-26', not 2019-09-27",
        ),
        (
            "<Dt>2019-09-27",
            "<Dt>soon",
            "the execution date 'soon' is no date",
        ),
        (
            "<IBAN>NL52NWND0020190630",
            "<IBAN>GB82WEST12345698765432",
            "the payer's account is another one",
        ),
        (
            "<Id>000123456789",
            "<Id>000123456788",
            f"payment {payment(0).end_to_end_id}: the account is not what was decided",
        ),
        (
            "<MmbId>021000021",
            "<MmbId>121000358",
            f"payment {payment(0).end_to_end_id}: the bank is not what was decided",
        ),
        (
            "<Nm>Contoso + Sohne",
            "<Nm>Eve",
            f"payment {payment(0).end_to_end_id}: the beneficiary is not what was "
            "decided",
        ),
        (
            f"<EndToEndId>{payment(0).end_to_end_id}",
            "<EndToEndId>other",
            "payment other was not decided",
        ),
        (
            f"<EndToEndId>{payment(0).end_to_end_id}",
            "<EndToEndId>other",
            f"payment {payment(0).end_to_end_id} is missing",
        ),
        (
            f"<EndToEndId>{payment(0).end_to_end_id}",
            f"<EndToEndId>{payment(1).end_to_end_id}",
            f"the end-to-end id '{payment(1).end_to_end_id}' is there 2 times",
        ),
        (
            f"<UETR>{payment(0).uetr}",
            f"<UETR>{payment(1).uetr}",
            f"the UETR '{payment(1).uetr}' is there 2 times",
        ),
    ],
)
def test_a_file_that_was_changed_after_it_was_decided_has_a_fault(
    old: str, new: str, fault: str
) -> None:
    """Whatever wrote it, the bytes are read as the bank reads them."""
    assert fault in faults_after(payment_file(2), old, new)


def test_a_second_payment_block_is_a_fault() -> None:
    """Its payments would be the same ones, paid again."""
    xml = render(payment_file())
    block = xml[xml.index(b"<PmtInf>") : xml.index(b"</PmtInf>") + len(b"</PmtInf>")]
    twice = xml.replace(block, block * 2)

    assert schema_faults(twice) == []
    faults = payment_file_faults(twice, payment_file())
    assert "there are 2 payment blocks, not 1" in faults
    assert "the message counts 1 payments, and there are 2" in faults


def test_a_late_date_is_a_fault_only_where_the_deadline_is_given() -> None:
    """A late release may have been decided, with its reason recorded."""
    late = payment_file(execution_date=dt.date(2019, 9, 30))

    assert payment_file_faults(render(late), late) == []


@pytest.mark.parametrize(
    "content", [b"", b"payout", b"<a>", b"\xff\xfe<a/>", b"<!DOCTYPE a><a/>"]
)
def test_what_is_no_xml_is_refused(content: bytes) -> None:
    """There is nothing to list the faults of."""
    with pytest.raises(DataError, match=r"cannot be read: it .*; nothing was sent"):
        payment_file_faults(content, payment_file())


def test_xml_of_another_kind_has_faults_and_no_traceback() -> None:
    """As much as can be said of it."""
    faults = payment_file_faults(b"<Document><PmtInf/></Document>", payment_file())

    assert "there are 0 payment blocks, not 1" in faults
    assert f"payment {payment(0).end_to_end_id} is missing" in faults
