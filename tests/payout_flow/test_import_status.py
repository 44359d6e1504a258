"""The bank's answers: what goes on from what is known counts, all else is held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.payout.answers import because, block, booked, camt054, pain002, transaction
from tests.payout_flow.runs import P1, P2
from tests.payout_flow.test_steps import answered, ids

if TYPE_CHECKING:
    from tests.payout_flow.stage import Stage

FIRST = "2019-08-16"


@pytest.fixture
def released(staged: Any) -> Stage:
    """Return a home with a batch of two payments at the bank."""
    stage, run_id = staged(FIRST)
    batch_id = stage.prepare(run_id)["batch_id"]
    stage.approve(batch_id)
    stage.release(batch_id)
    return stage  # type: ignore[no-any-return]


def told(stage: Stage, content: bytes, code: int = 0, name: str = "a.xml") -> Any:
    """Import one message of the bank."""
    path = answered(stage, content, name)
    return stage.call("payout", "import-status", str(path), code=code)


def entries(stage: Stage) -> int:
    """Return how many entries the ledger has."""
    return int(stage.call("ledger", "verify")["entries"])


def status(stage: Stage, code: str, partner_id: str = P1) -> bytes:
    """Return a report of one payment's status."""
    return pain002(block(transaction(ids(stage)[partner_id], code)))


def booking(stage: Stage, **values: Any) -> bytes:
    """Return a booking of the first partner's payment."""
    return camt054(booked(ids(stage)[P1], **{"amount": "4000.00"} | values))


def test_the_same_file_twice_is_nothing_new(released: Stage) -> None:
    """Nor under another name; its digest is recorded."""
    message = status(released, "ACSP")
    first = told(released, message)
    before = entries(released)

    again = told(released, message, name="b.xml")

    assert (first["new_files"], len(first["recorded"])) == (1, 1)
    assert (again["new_files"], again["recorded"], again["unchanged"]) == (0, [], 1)
    assert entries(released) == before
    with released.ledger().reading() as book:
        rows = book.rows("select file_sha256 from entries where kind = 'import'")
    assert len(rows[0]["file_sha256"]) == 64


def test_a_whole_message_is_about_each_of_its_payments(released: Stage) -> None:
    """Unless the bank names one for itself."""
    told(released, pain002(status="ACCP"))
    assert set(released.states().values()) == {"accepted"}

    told(released, pain002(status="RJCT", reason=because("AM04", "no funds")))
    assert set(released.states().values()) == {"rejected"}
    listed = released.call("payout", "list")["payments"]
    assert {one["reason"] for one in listed} == {"AM04: no funds"}


ODD = [
    # (what, the message, a word of why it is held)
    ("an unknown code", lambda stage: status(stage, "WXYZ"), "WXYZ"),
    ("no code", lambda stage: status(stage, ""), "no status"),
    (
        "an unknown payment",
        lambda _: pain002(block(transaction("NOBODY-1", "ACSC"))),
        "no such payment",
    ),
    (
        "another message",
        lambda stage: status(stage, "ACSC").replace(b">M1<", b">OTHER<"),
        "another message",
    ),
    (
        "an unknown message as a whole",
        lambda _: pain002(status="ACSC", message_id="OTHER").replace(b">M1<", b">X<"),
        "no such payment",
    ),
    (
        "another amount",
        lambda stage: booking(stage, amount="4000.01"),
        "4000.01, not 4000.00",
    ),
    (
        "another currency",
        lambda stage: booking(stage).replace(b'"USD"', b'"EUR"'),
        "EUR, not in USD",
    ),
    (
        "a debit without its payment",
        lambda _: camt054(booked(None, amount="4000.00")),
        "without its end-to-end id",
    ),
    (
        "a credit that is no return",
        lambda stage: booking(stage, side="CRDT"),
        "not marked as a return",
    ),
]


@pytest.mark.parametrize(
    ("message", "word"), [case[1:] for case in ODD], ids=[case[0] for case in ODD]
)
def test_what_is_odd_is_held_and_never_taken_for_paid(
    released: Stage, message: Any, word: str
) -> None:
    """It is shown with the reason, exits with 5, and changes no payment."""
    result = told(released, message(released), code=5)

    assert any(word in held["why"] for held in result["held"]), result["held"]
    assert result["recorded"] == []
    assert set(released.states().values()) == {"released"}


def test_what_is_held_does_not_hold_up_the_rest(released: Stage) -> None:
    """And the file can be imported again, when the payment is known."""
    message = pain002(
        block(transaction(ids(released)[P1], "ACSC"), transaction("NOBODY-1", "ACSC"))
    )

    result = told(released, message, code=5)

    assert [one["state"] for one in result["recorded"]] == ["settled"]
    assert len(result["held"]) == 1
    assert released.states()[P1] == "settled"
    assert told(released, message, code=5)["recorded"] == []


def test_pending_is_no_answer_yet(released: Stage) -> None:
    """It is known, and says nothing."""
    result = told(released, status(released, "PDNG"))

    assert (result["unchanged"], result["held"]) == (1, [])
    assert released.states()[P1] == "released"


@pytest.mark.parametrize("code", ["ACSP", "ACSC"])
def test_what_was_rejected_is_not_paid_by_a_later_word(
    released: Stage, code: str
) -> None:
    """It is owed again: a person has to ask the bank before it is paid twice."""
    told(released, status(released, "RJCT"))

    result = told(released, status(released, code), code=5)

    assert "is rejected, and cannot be" in result["held"][0]["why"]
    assert released.states()[P1] == "rejected"


def test_what_is_booked_is_not_rejected(released: Stage) -> None:
    """Only a booking back undoes a booking."""
    told(released, booking(released))

    result = told(released, status(released, "RJCT"), code=5)

    assert "cannot be rejected" in result["held"][0]["why"]
    assert released.states()[P1] == "settled"


def test_files_that_come_out_of_order_end_in_the_same_state(released: Stage) -> None:
    """An acceptance after the booking says nothing new; nor does the booking later."""
    told(released, booking(released, day="2019-08-22"))
    assert told(released, status(released, "ACSP"))["unchanged"] == 1
    assert released.states()[P1] == "settled"

    back = booking(released, side="CRDT", returned="AC01", day="2019-08-23")
    told(released, back)

    again = told(released, booking(released, day="2019-08-22"), name="b.xml")
    assert (again["unchanged"], again["held"]) == (1, [])
    assert released.states()[P1] == "returned"


def test_a_return_that_is_read_before_its_booking_stays_a_return(
    released: Stage,
) -> None:
    """In one command, and one after the other; a booking after it is held."""
    back = booking(released, side="CRDT", returned="AC01", day="2019-08-23")
    there = booking(released, day="2019-08-22")
    paths = [answered(released, back, "1.xml"), answered(released, there, "2.xml")]

    result = released.call("payout", "import-status", *map(str, paths))

    assert [one["state"] for one in result["recorded"]] == ["settled", "returned"]
    assert told(released, there)["held"] == []
    assert told(released, booking(released, day="2019-08-30"))["held"] == []


def test_a_booking_after_a_return_is_held(released: Stage) -> None:
    """Money that left once more is no old news."""
    back = booking(released, side="CRDT", returned="AC01", day="2019-08-23")
    told(released, back)

    assert told(released, booking(released, day="2019-08-22"))["unchanged"] == 1
    result = told(released, booking(released, day="2019-08-30"), code=5)

    assert "is returned, and cannot be settled" in result["held"][0]["why"]


def test_an_answer_to_what_was_not_released_is_held(staged: Any) -> None:
    """Whoever sent it, we did not ask."""
    stage, run_id = staged(FIRST)
    batch_id = stage.prepare(run_id)["batch_id"]
    stage.approve(batch_id)

    result = told(stage, status(stage, "ACSC"), code=5)

    assert result["held"][0]["why"] == "the payment was not released"
    assert stage.states()[P1] == "approved"


@pytest.mark.parametrize(
    "content",
    [b"", b"<html/>", b"<!DOCTYPE x><x/>", b"not xml"],
    ids=["empty", "another notation", "a doctype", "no notation"],
)
def test_a_file_that_is_no_answer_is_refused_with_all_others(
    released: Stage, content: bytes
) -> None:
    """Nothing of the command is recorded, and the file is named."""
    good = answered(released, status(released, "ACSC"), "good.xml")
    bad = answered(released, content, "bad.xml")
    before = entries(released)

    refused = released.call("payout", "import-status", str(good), str(bad), code=3)

    assert "bad.xml" in refused
    assert entries(released) == before
    missing = str(released.root / "none.xml")
    assert "none.xml" in released.call("payout", "import-status", missing, code=3)


def test_each_partner_is_answered_for_itself(released: Stage) -> None:
    """One payment's fate says nothing of another's."""
    told(released, status(released, "RJCT", P2))

    assert released.states() == {P1: "released", P2: "rejected"}
    assert released.call("payout", "list")["batches"][0]["state"] == "released"
