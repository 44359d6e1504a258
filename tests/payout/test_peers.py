"""Programs of others judge our payment files, and play the bank."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.payout.bank_answers import (
    BankAnswer,
    answers_by_payment,
    read_bank_answers,
)
from pipelines.payout.iso_codes import is_country, is_currency
from pipelines.payout.pain001 import render
from pipelines.payout.pain001_schema import SCHEMA
from tests.payout.batches import (
    EXECUTION_DATE,
    PAYER_IBAN,
    american_payer,
    payer,
    payment_file,
)
from tests.peers.environment import ask

if TYPE_CHECKING:
    from pipelines.payout.payment import PaymentFile

TODAY = "2019-09-20"
SETTLED_ON = EXECUTION_DATE.isoformat()
AFTER_RETURNS = "2019-10-03"


# What each peer is there for: an error that it finds when it is put into a file.
ERRORS = {
    "cbpr-usage-rules": ("<PmtInfId>D365", "<PmtInfId>E365"),
    "pain001": ("<PmtMtd>TRF", "<PmtMtd>CHK"),
    "mock-bank": ("<IBAN>GB82", "<IBAN>GB83"),
    "xmlschema": ("<ChrgBr>DEBT", "<ChrgBr>NONE"),
    "codes": ("<Cd>REBT", "<Cd>CASHB"),
    "characters": ("<TwnNm>", "<TwnNm>🚀"),
}


def judged(folder: Path, *files: bytes) -> list[dict[str, list[str]]]:
    """Return what each peer finds in each file."""
    paths = [folder / f"payout-{number}.xml" for number in range(len(files))]
    for path, content in zip(paths, files, strict=True):
        path.write_bytes(content)
    # The second reading of the schema takes half a minute for ten thousand payments.
    schema = schema_path() if sum(map(len, files)) < 1 << 20 else "-"
    return ask("judge.py", schema, TODAY, *paths)


def schema_path() -> Path:
    """Return the schema that the product uses."""
    spec = importlib.util.find_spec("sepaxml")
    assert spec
    assert spec.origin
    return Path(spec.origin).parent / "schemas" / SCHEMA


def test_no_peer_finds_anything_in_a_batch(tmp_path: Path) -> None:
    """Wires in dollars to US accounts, to IBANs, and to numbers at a BIC."""
    files = (
        payment_file(1),
        payment_file(40),
        payment_file(8, payer=american_payer()),
    )

    assert judged(tmp_path, *map(render, files)) == [{key: [] for key in ERRORS}] * 3


def test_no_peer_finds_anything_in_a_batch_of_ten_thousand(tmp_path: Path) -> None:
    """What is right once is right ten thousand times."""
    expected = {key: [] for key in ERRORS.keys() - {"xmlschema"}}

    assert judged(tmp_path, render(payment_file(10_000))) == [expected]


def test_each_peer_finds_what_it_is_there_for(tmp_path: Path) -> None:
    """A judge that never finds anything would prove nothing."""
    xml = render(payment_file(2)).decode()
    files = [xml.replace(old, new, 1).encode() for old, new in ERRORS.values()]

    judgements = zip(ERRORS, judged(tmp_path, *files), strict=True)
    assert [peer for peer, found in judgements if not found[peer]] == []


def conversation(
    folder: Path,
    files: list[PaymentFile],
    *,
    account: dict[str, Any] | None = None,
    others: tuple[dict[str, Any], ...] = (),
    days: tuple[str, ...] = (SETTLED_ON,),
) -> tuple[Any, list[list[BankAnswer]]]:
    """Send files to the bank; return its answers, and what it says afterwards."""
    ours = {"id": "OURS", "iban": PAYER_IBAN, "currency": "USD", "balance": 10**12}
    paths = []
    for number, file in enumerate(files):
        paths.append(folder / f"payout-{number}.xml")
        paths[-1].write_bytes(render(file))
    out = folder / "messages"
    out.mkdir()
    told = ask(
        "bank.py",
        out,
        *paths,
        given={
            "clock": f"{TODAY}T09:00",
            "accounts": [ours | (account or {}), *others],
            "days": days,
        },
    )
    messages = [
        list(read_bank_answers(out / name))
        for name in told["messages"]
        if "pain.002" in name or "camt.054" in name
    ]
    return told["answers"], messages


def statuses(answers: list[BankAnswer]) -> set[tuple[str | None, str]]:
    """Return which payments have which status."""
    return {(answer.end_to_end_id, answer.status.value) for answer in answers}


def test_the_bank_accepts_a_batch_and_settles_every_payment(tmp_path: Path) -> None:
    """On the day that we asked for, with the amounts that we asked for."""
    file = payment_file(40)
    ids = {payment.end_to_end_id for payment in file.payments}

    (answer,), (report, bookings) = conversation(tmp_path, [file])

    assert answer["status"] == "ACCP"
    assert statuses(report) >= {(name, "accepted") for name in ids}
    assert {status for _, status in statuses(report)} == {"accepted"}
    assert statuses(bookings) == {(name, "settled") for name in ids}
    assert {one.booked_on for one in bookings} == {EXECUTION_DATE}
    assert {one.original_message_id for one in bookings} == {file.message_id}
    assert {one.end_to_end_id: one.amount for one in bookings} == {
        payment.end_to_end_id: payment.amount for payment in file.payments
    }


def test_one_rejected_payment_of_a_batch_leaves_the_others_paid(
    tmp_path: Path,
) -> None:
    """Its account was closed; the reason comes with it, and no account number."""
    file = payment_file(8)
    closed = file.payments[1]
    held = {
        "id": "CLOSED",
        "iban": closed.beneficiary.iban,
        "currency": "USD",
        "behaviour": "closed-account",
    }

    _, (report, bookings) = conversation(tmp_path, [file], others=(held,))

    by_id = {answer.end_to_end_id: answer for answer in report}
    rejected = by_id[closed.end_to_end_id]
    assert (rejected.status, rejected.reason_code) == ("rejected", "AC04")
    assert rejected.reason == "the creditor account [number] is closed"
    assert {answer.status for answer in report} == {"accepted", "rejected"}
    settled = {answer.end_to_end_id for answer in bookings}
    assert settled == set(by_id) - {closed.end_to_end_id, None}
    assert {answer.status for answer in bookings} == {"settled"}


def test_a_rejected_file_rejects_every_payment_in_it(tmp_path: Path) -> None:
    """The bank names no payment: what it says is of the message."""
    file = payment_file(3)
    ids = [payment.end_to_end_id for payment in file.payments]

    _, (report,) = conversation(tmp_path, [file], account={"behaviour": "reject-file"})

    assert statuses(report) == {(None, "rejected")}
    answers = answers_by_payment(report, {file.message_id: ids})
    assert statuses(list(answers)) == {(name, "rejected") for name in ids}
    assert {answer.reason_code for answer in answers} == {"FF01"}


def test_a_payment_that_came_back_is_returned_after_it_was_settled(
    tmp_path: Path,
) -> None:
    """Three banking days later, with the reason of the bank it came from."""
    file = payment_file(2)
    back = file.payments[1].end_to_end_id
    parameters = {"days": 3, "reason": "AC04", "end_to_end_id": back}

    _, (report, booked, returned) = conversation(
        tmp_path,
        [file],
        account={"behaviour": "return-later", "parameters": parameters},
        days=(SETTLED_ON, AFTER_RETURNS),
    )

    assert {answer.status for answer in report} == {"accepted"}
    assert {answer.status for answer in booked} == {"settled"}
    assert statuses(returned) == {(back, "returned")}
    assert (returned[0].reason_code, returned[0].amount) == (
        "AC04",
        file.payments[1].amount,
    )


def test_the_bank_refuses_a_message_id_that_it_has_seen(tmp_path: Path) -> None:
    """The same batch sent twice is paid once; another batch has another id."""
    first, second = payment_file(2), payment_file(2, batch="2")

    answers, _ = conversation(tmp_path, [first, first, second], days=())

    assert [answer["status"] for answer in answers] == ["ACCP", "RJCT", "ACCP"]


def test_the_bank_pays_the_same_payments_again_under_another_message_id(
    tmp_path: Path,
) -> None:
    """So no bank keeps us from paying twice: the ledger has to."""
    again = payment_file(2, message_id="ANOTHER")

    answers, _ = conversation(tmp_path, [payment_file(2), again], days=())

    assert [answer["status"] for answer in answers] == ["ACCP", "ACCP"]


def test_the_bank_moves_a_saturday_to_monday_without_a_word(tmp_path: Path) -> None:
    """So the execution date has to be a banking day before the deadline."""
    saturday = payment_file(execution_date=EXECUTION_DATE.replace(day=28))

    (answer,), (_, bookings) = conversation(tmp_path, [saturday], days=("2019-10-01",))

    assert answer["status"] == "ACCP"
    assert [one.booked_on.isoformat() for one in bookings] == ["2019-09-30"]


def test_an_account_of_a_payer_without_an_iban_is_found_by_its_number(
    tmp_path: Path,
) -> None:
    """As an American payer has one."""
    file = payment_file(2, payer=payer(iban=None, account_number="7001002003"))

    _, (report, _) = conversation(
        tmp_path, [file], account={"account_number": "7001002003"}
    )

    assert {answer.status for answer in report} == {"accepted"}


def test_countries_and_currencies_are_those_that_the_peers_know() -> None:
    """Two lists, from two sources; Kosovo's code is in use, and in no standard."""
    lists = ask("codes.py")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    pairs = {a + b for a in letters for b in letters}

    assert {pair for pair in pairs if is_country(pair)} == {*lists["countries"], "XK"}
    ours = {pair + c for pair in pairs for c in letters}
    ours = {code for code in ours if is_currency(code, EXECUTION_DATE)}
    # Money of 2019 that has been replaced since.
    assert ours - set(lists["currencies"]) == {"HRK", "SLL"}
    assert {"USD", "EUR", "GBP", "JPY"} <= ours
    # Metals, funds, tests, and money that came later.
    assert not ours & {"XAU", "X" * 3, "XTS", "USN", "CHE", "SLE", "ZWG"}
