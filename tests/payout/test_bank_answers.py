"""What the bank says, and what it is taken for."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from pipelines.errors import DataError
from pipelines.payout import hardened_xml
from pipelines.payout.bank_answer import without_numbers
from pipelines.payout.bank_answers import (
    BankAnswer,
    answers_by_payment,
    parse_bank_answers,
    read_bank_answers,
)
from tests.payout.answers import (
    because,
    block,
    booked,
    camt054,
    element,
    pain002,
    transaction,
)

if TYPE_CHECKING:
    from pathlib import Path


def parse(content: bytes) -> tuple[BankAnswer, ...]:
    """Return what the bank says."""
    return parse_bank_answers(content, "answer.xml")


def said(content: bytes) -> list[tuple[str | None, str]]:
    """Return of what the bank says which payments have which status."""
    return [(answer.end_to_end_id, answer.status.value) for answer in parse(content)]


STATUSES = [
    ("ACTC", "accepted"),
    ("ACCP", "accepted"),
    ("ACFC", "accepted"),
    ("ACSP", "accepted"),
    ("ACWC", "accepted"),
    ("ACSC", "settled"),
    ("ACCC", "settled"),
    ("PDNG", "pending"),
    ("RCVD", "pending"),
    ("PATC", "pending"),
    ("RJCT", "rejected"),
    ("CANC", "unknown"),
    ("BLCK", "unknown"),
    ("ACWP", "unknown"),
    ("acsc", "unknown"),
    ("ACSCX", "unknown"),
    ("PAID", "unknown"),
    ("ZZZZ", "unknown"),
]


@pytest.mark.parametrize(("code", "status"), STATUSES)
def test_a_status_of_a_payment_is_taken_for_what_it_means(
    code: str, status: str
) -> None:
    """A code that is not known is never taken for paid."""
    assert said(pain002(block(transaction("E1", code)))) == [("E1", status)]


@pytest.mark.parametrize(("code", "status"), STATUSES)
def test_a_status_of_the_message_or_its_block_is_one_of_all_its_payments(
    code: str, status: str
) -> None:
    """Without an end-to-end id; the message is named."""
    assert said(pain002(status=code)) == [(None, status)]
    assert said(pain002(block(status=code))) == [(None, status)]
    assert said(pain002(block(status=code), status="ACTC")) == [(None, status)]
    assert parse(pain002(status=code))[0].original_message_id == "M1"


def test_each_payment_of_a_report_has_its_own_answer() -> None:
    """Not only the first of a block."""
    report = pain002(
        block(
            transaction("E1", "ACCP"),
            transaction("E2", "RJCT", reason=because("AC04", "Account closed")),
            transaction("E3", "PDNG"),
            status="PART",
        ),
        status="PART",
    )

    assert said(report) == [("E1", "accepted"), ("E2", "rejected"), ("E3", "pending")]
    rejected = parse(report)[1]
    assert (rejected.reason_code, rejected.reason) == ("AC04", "Account closed")
    assert (rejected.original_message_id, rejected.source) == ("M1", "pain.002 B1")
    assert rejected.booked_on is None


def test_a_payment_without_a_status_has_that_of_its_block_or_message() -> None:
    """As the standard has it."""
    assert said(pain002(block(transaction("E1"), status="RJCT")))[1:] == [
        ("E1", "rejected")
    ]
    assert said(pain002(block(transaction("E1")), status="ACCP"))[1:] == [
        ("E1", "accepted")
    ]
    assert said(pain002(block(transaction("E1")), status="PART")) == [("E1", "unknown")]
    assert said(pain002(block(transaction("E1")))) == [("E1", "unknown")]


@pytest.mark.parametrize(
    "report",
    [
        pain002(block(transaction("E1", "ACSC")), status="RJCT"),
        pain002(block(transaction("E1", "ACCP"), status="RJCT")),
        pain002(block(transaction("E1", "ACSP"), status="RJCT"), status="RJCT"),
        pain002(block(transaction("E1", "ACSP"), status="ACCP"), status="RJCT"),
    ],
)
def test_a_payment_accepted_in_a_rejected_message_is_neither(report: bytes) -> None:
    """Owed again, it could be paid twice; taken as paid, never. A person decides."""
    answers = {answer.end_to_end_id: answer for answer in parse(report)}

    assert answers["E1"].status == "unknown"
    assert answers["E1"].reason == (
        "the bank rejects the whole, and not this part of it"
    )
    assert "accepted" not in {answer.status for answer in answers.values()}


def test_a_block_accepted_in_a_rejected_message_is_neither() -> None:
    """The same, one level up."""
    assert said(pain002(block(status="ACCP"), status="RJCT")) == [(None, "unknown")]


def test_a_payment_without_an_id_is_not_taken_for_the_whole_message() -> None:
    """One rejection must not make every payment owed again."""
    for name in (None, "NOTPROVIDED"):
        (answer,) = parse(pain002(block(transaction(name, "RJCT"))))

        assert (answer.end_to_end_id, answer.status) == (None, "unknown")
        assert answer.reason == "a transaction without its end-to-end id"


def test_a_bank_may_give_back_the_instruction_id_alone() -> None:
    """We send the same id as both."""
    report = pain002(
        element(
            "OrgnlPmtInfAndSts",
            element("OrgnlPmtInfId", "M1"),
            element(
                "TxInfAndSts", element("OrgnlInstrId", "E1"), "<TxSts>RJCT</TxSts>"
            ),
        )
    )

    assert said(report) == [("E1", "rejected")]


def test_a_status_that_is_not_known_is_quoted_for_people() -> None:
    """Somebody has to look it up."""
    (answer,) = parse(pain002(block(transaction("E1", "ZZZZ", reason=because("X1")))))

    assert (answer.reason_code, answer.reason) == ("X1", "status ZZZZ")


def test_the_bank_s_own_words_lose_the_account_numbers_in_them() -> None:
    """The words are kept in the ledger and shown, where no number may be."""
    words = (
        "Account DE89 3704 0044 0532 0130 00 closed",
        "see 000123456789 of 2019-09-27, code 4711",
    )
    (answer,) = parse(
        pain002(block(transaction("E1", "RJCT", reason=because("AC04", *words))))
    )

    assert answer.reason == (
        "Account [number] closed; see [number] of 2019-09-27, code 4711"
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("GB82WEST12345698765432", "[number]"),
        ("acct 12-3456-7890.", "acct [number]."),
        ("line\nbreak\u202e", "line break"),
        ("x" * 600, "x" * 500),
        ("AC04", "AC04"),
        ("", ""),
    ],
)
def test_words_of_a_bank_become_one_short_line(words: str, expected: str) -> None:
    """Whatever a bank writes there."""
    assert without_numbers(words) == expected


def test_a_booked_debit_is_a_settled_payment() -> None:
    """With its amount, its day and the message that it came from."""
    (answer,) = parse(camt054(booked("E1")))

    assert answer == BankAnswer(
        end_to_end_id="E1",
        original_message_id="M1",
        status=answer.status,
        amount=Decimal("2000.00"),
        currency="USD",
        booked_on=dt.date(2019, 9, 27),
        source="camt.054 N1",
    )
    assert answer.status == "settled"


def test_a_credit_marked_as_a_return_is_a_returned_payment() -> None:
    """By the reason of the return, by a reversal, or by the bank's own code."""
    code = element("SubFmlyCd", "RRTN")
    code = element("BkTxCd", element("Domn", element("Fmly", code)))
    for entry in (
        booked("E1", side="CRDT", returned="AC04"),
        booked("E1", side="CRDT", extra="<RvslInd>true</RvslInd>"),
        booked("E1", side="CRDT", extra=code),
    ):
        assert said(camt054(entry)) == [("E1", "returned")]
    (answer,) = parse(camt054(booked("E1", side="CRDT", returned="AC04")))
    assert answer.reason_code == "AC04"


@pytest.mark.parametrize(
    ("entry", "status", "reason"),
    [
        (booked("E1", status="PDNG"), "pending", None),
        (booked("E1", status="FUTR"), "pending", None),
        (booked("E1", status="INFO"), "unknown", "booking status INFO"),
        (booked("E1", status=""), "unknown", "booking status missing"),
        (booked("E1", status="book"), "unknown", "booking status book"),
        (
            booked("E1", side="CRDT"),
            "unknown",
            "a credit that is not marked as a return",
        ),
        (
            booked("E1", returned="AC04"),
            "unknown",
            "a debit that is marked as a return",
        ),
        (
            booked("E1", side=""),
            "unknown",
            "a booking that is neither debit nor credit",
        ),
        (booked(None), "unknown", "a booking without its end-to-end id"),
        (booked("NOTPROVIDED"), "unknown", "a booking without its end-to-end id"),
    ],
)
def test_a_booking_that_is_neither_is_never_taken_for_paid(
    entry: str, status: str, reason: str | None
) -> None:
    """What is not booked has not moved; what is not ours is not guessed at."""
    (answer,) = parse(camt054(entry))

    assert (answer.status, answer.reason) == (status, reason)


def test_a_booking_of_a_batch_as_a_whole_settles_nobody() -> None:
    """It does not say which wires went out."""
    entry = element(
        "Ntry",
        '<Amt Ccy="USD">4000.00</Amt>',
        element("CdtDbtInd", "DBIT"),
        element("Sts", element("Cd", "BOOK")),
        element("BookgDt", element("DtTm", "2019-09-27T23:59:59+05:45")),
        element("NtryDtls", element("Btch", element("PmtInfId", "M1"))),
    )
    (answer,) = parse(camt054(entry))

    assert (answer.end_to_end_id, answer.status) == (None, "unknown")
    assert (answer.original_message_id, answer.amount) == ("M1", Decimal("4000.00"))
    assert answer.booked_on == dt.date(2019, 9, 27)


def test_payments_booked_in_one_entry_have_their_own_amounts() -> None:
    """The entry's amount is of all of them."""
    details = [
        element(
            "TxDtls",
            element("Refs", element("EndToEndId", name)),
            element("AmtDtls", element("TxAmt", f'<Amt Ccy="USD">{amount}</Amt>')),
        )
        for name, amount in (("E1", "2000.00"), ("E2", "4000.00"))
    ]
    bare = element("TxDtls", element("Refs", element("EndToEndId", "E3")))
    entry = element(
        "Ntry",
        '<Amt Ccy="USD">9000.00</Amt>',
        element("CdtDbtInd", "DBIT"),
        element("Sts", element("Cd", "BOOK")),
        element("NtryDtls", *details, bare),
    )

    answers = parse(camt054(entry))
    assert [(answer.end_to_end_id, answer.amount) for answer in answers] == [
        ("E1", Decimal("2000.00")),
        ("E2", Decimal("4000.00")),
        ("E3", None),
    ]


def test_charges_change_neither_what_was_paid_nor_what_came_back() -> None:
    """Of a debit what was ordered counts, of a credit what arrived."""
    details = element("AmtDtls", element("InstdAmt", '<Amt Ccy="USD">2000.00</Amt>'))
    debit = booked("E1", amount="2015.00").replace("</Refs>", f"</Refs>{details}")
    credit = booked("E1", side="CRDT", returned="AC04", amount="1985.00").replace(
        "</Refs>", f"</Refs>{details}"
    )

    amounts = {answer.status: answer.amount for answer in parse(camt054(debit, credit))}
    assert amounts == {"settled": Decimal("2000.00"), "returned": Decimal("1985.00")}


def test_what_came_back_follows_what_went_out_in_whatever_order_it_is_told() -> None:
    """Taken in the bank's order, the payment would end as settled."""
    told = camt054(
        booked("E1", side="CRDT", returned="AC04", day="2019-09-30"),
        booked("E2", side="CRDT", returned="AC04"),
        booked("E2"),
        booked("E1"),
    )

    assert said(told) == [
        ("E2", "settled"),
        ("E1", "settled"),
        ("E2", "returned"),
        ("E1", "returned"),
    ]


def test_what_is_said_of_a_message_is_said_of_each_payment_not_named() -> None:
    """The named ones speak for themselves."""
    report = pain002(block(transaction("E2", "RJCT"), status="ACCP"), status="ACCP")
    answers = answers_by_payment(parse(report), {"M1": ["E3", "E1", "E2"], "M2": ["X"]})

    assert [(answer.end_to_end_id, answer.status) for answer in answers] == [
        ("E1", "accepted"),
        ("E3", "accepted"),
        ("E2", "rejected"),
    ]
    assert {answer.original_message_id for answer in answers} == {"M1"}


def test_what_is_said_of_a_message_that_was_not_sent_stays_as_it_is() -> None:
    """The ledger has to say that it knows of no such message."""
    report = parse(pain002(status="RJCT", message_id="OTHER"))

    assert answers_by_payment(report, {"M1": ["E1"]}) == report


def test_a_message_in_an_envelope_is_read() -> None:
    """Banks send a business header with it, and some a byte order mark."""
    assert said(b"\xef\xbb\xbf" + camt054(booked("E1"))) == [("E1", "settled")]
    wrapped = b"<Envelope><AppHdr/>" + camt054(booked("E1")) + b"</Envelope>"

    assert said(wrapped) == [("E1", "settled")]


def test_a_prefix_changes_nothing() -> None:
    """The same message, written by another program."""
    plain = camt054(booked("E1")).decode()
    prefixed = (
        plain.replace("</", "</n:")
        .replace("<", "<n:")
        .replace("<n:/n:", "</n:")
        .replace("xmlns=", "xmlns:n=")
    )

    assert said(prefixed.encode()) == [("E1", "settled")]


BOMB = (
    '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<b>&b;</b>"
)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (BOMB.encode(), "it declares a document type or entities"),
        (
            b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
            "it declares a document type or entities",
        ),
        (
            b'<?xml version="1.0" encoding="utf-16"?>' + BOMB.encode(),
            "it declares a document type or entities",
        ),
        (BOMB.encode("utf-16"), "it is not UTF-8 text"),
        (BOMB.encode("utf-16-le"), "it holds a NUL byte"),
        (
            b'<?xml version="1.0" encoding="UTF-7"?>'
            + BOMB.encode("utf-7").replace(b"<", b"+ADw-"),
            "it is not well-formed XML (line 1)",
        ),
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"status,ok\n", "it is not well-formed XML (line 1)"),
        (b"<a>\n<b></a>", "it is not well-formed XML (line 2)"),
        (b"<a/><a/>", "it is not well-formed XML"),
        (b"<a>" * 400 + b"</a>" * 400, "it is not well-formed XML"),
        (b"<a>&unknown;</a>", "it is not well-formed XML"),
        (b"<Document/>", "it is not one message of pain.002.001.10 and camt.054"),
        (
            pain002(status="ACSC").replace(b"pain.002.001.10", b"pain.002.001.03"),
            "it is not one message of",
        ),
        (
            camt054(booked("E1")).replace(b"camt.054.001.08", b"camt.053.001.08"),
            "it is not one message of",
        ),
        (
            b"<x>" + camt054(booked("E1")) + pain002(status="RJCT") + b"</x>",
            "it is not one message of",
        ),
        (camt054(), "it names no payment and no message"),
        (
            camt054(booked("E1", amount="1e3")),
            "an amount of Amt cannot be read",
        ),
        (
            camt054(booked("E1", amount="-2000.00")),
            "an amount of Amt cannot be read",
        ),
        (
            camt054(booked("E1", amount="NaN")),
            "an amount of Amt cannot be read",
        ),
        (
            camt054(booked("E1", day="2019-13-45")),
            "a date of BookgDt cannot be read",
        ),
        (
            camt054(booked("E1", day="today")),
            "a date of BookgDt cannot be read",
        ),
    ],
)
def test_a_file_that_may_do_harm_or_is_no_answer_is_refused_whole(
    content: bytes, fault: str
) -> None:
    """In one sentence; nothing of it counts."""
    with pytest.raises(DataError) as refused:
        parse(content)

    message = str(refused.value)
    assert fault in message
    assert message.startswith("answer.xml was refused and nothing of it was used: ")
    assert message.endswith(
        ". Ask the bank for the message as it sends it, in ISO 20022 XML."
    )


def test_an_answer_of_any_size_is_refused_before_it_is_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is not the bank's to fill."""
    path = tmp_path / "answer.xml"
    path.write_bytes(camt054(booked("E1")))
    assert [answer.end_to_end_id for answer in read_bank_answers(path)] == ["E1"]

    size = path.stat().st_size
    monkeypatch.setattr(hardened_xml, "MAX_BYTES", size - 1)
    monkeypatch.setattr("pipelines.payout.bank_answers.MAX_BYTES", size - 1)
    with pytest.raises(DataError, match=f"at most {size - 1:,} are read"):
        read_bank_answers(path)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """A typing mistake, mostly."""
    with pytest.raises(DataError, match=r"cannot be read \(No such file"):
        read_bank_answers(tmp_path / "answer.xml")


def test_ten_thousand_answers_are_read() -> None:
    """A message of the size of a whole batch."""
    answers = parse(camt054(*(booked(f"E{number}") for number in range(10_000))))

    assert len({answer.end_to_end_id for answer in answers}) == 10_000
    assert {answer.status for answer in answers} == {"settled"}
