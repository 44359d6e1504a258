"""Later runs say more or less: the difference is paid or netted, nothing rewritten."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.payout.answers import block, booked, camt054, pain002, transaction
from tests.payout_flow.runs import P1, P2, P3
from tests.payout_flow.test_steps import answered, ids

if TYPE_CHECKING:
    from tests.payout_flow.stage import Stage

FIRST, MORE, LESS = "2019-08-16", "2019-08-23", "2019-08-30"
ANEW, ANEW_MORE = "2019-09-06", "2019-09-13"


def paid(stage: Stage, run_id: str, today: str) -> dict[str, Any]:
    """Prepare a run and bring its batch to the bank; return what was prepared."""
    batch: dict[str, Any] = stage.prepare(run_id, today=today)
    if batch["batch_id"]:
        stage.approve(batch["batch_id"], today=today)
        stage.release(batch["batch_id"], today=today)
    return batch


def bytes_of(batch: dict[str, Any]) -> dict[str, bytes]:
    """Return the files of a batch."""
    return {path.name: path.read_bytes() for path in Path(batch["path"]).iterdir()}


def test_a_run_that_owes_more_makes_a_batch_of_the_difference(
    staged: Any, ledger_url: str
) -> None:
    """And what was sent before stays as it was, to the byte."""
    stage, first, more = staged(FIRST, MORE, url=ledger_url)
    sent = paid(stage, first, "2019-08-20")
    before = bytes_of(sent)

    batch = paid(stage, more, "2019-08-26")

    assert (batch["payments"], batch["total"]) == (2, "4000.00")
    listed = stage.call("payout", "list")["payments"]
    assert [(one["partner_id"], one["amount"]) for one in listed] == [
        (P1, "4000.00"),
        (P2, "2000.00"),
        (P1, "2000.00"),
        (P3, "2000.00"),
    ]
    assert bytes_of(sent) == before
    assert stage.prepare(more)["payments"] == 0


def test_a_run_that_owes_less_pays_nothing_and_records_the_overpayment(
    staged: Any, ledger_url: str
) -> None:
    """It is shown each time, and recorded once."""
    stage, first, less = staged(FIRST, LESS, url=ledger_url)
    paid(stage, first, "2019-08-20")

    batch = paid(stage, less, "2019-09-02")

    # The third partner's customer is new, and paid; the others were paid too much.
    assert (batch["payments"], batch["total"]) == (1, "2000.00")
    overpaid = [
        {"partner_id": P1, "amount": "2000.00"},
        {"partner_id": P2, "amount": "2000.00"},
    ]
    assert batch["overpaid"] == overpaid
    entries = stage.call("ledger", "verify")["entries"]
    again = stage.prepare(less)
    assert (again["payments"], again["overpaid"]) == (0, overpaid)
    assert stage.call("ledger", "verify")["entries"] == entries
    assert stage.balances()[P2] == ("0.00", "-2000.00")


def test_later_amounts_are_netted_against_an_overpayment(
    staged: Any, ledger_url: str
) -> None:
    """Never a negative wire; and what is left over is paid."""
    stage, more, less, anew, later = staged(MORE, LESS, ANEW, ANEW_MORE, url=ledger_url)
    paid(stage, more, "2019-08-26")  # P1: 1, 2, 4; P2: 3; P3: 5
    assert paid(stage, less, "2019-09-02")["payments"] == 0  # P1: 1; P3: 5
    assert stage.balances()[P1] == ("2000.00", "-4000.00")

    batch = paid(stage, anew, "2019-09-09")  # P1: 1, 6; P2: 8; P3: 5, 3

    # P1 keeps 2000.00 too much, P2 is even, and P3 is paid for customer 3, which P2
    # is not paid for any more.
    assert (batch["payments"], batch["total"]) == (1, "2000.00")
    assert batch["overpaid"] == [{"partner_id": P1, "amount": "2000.00"}]
    assert batch["held"] == []
    assert stage.balances()[P2] == ("2000.00", "0.00")
    (last,) = stage.call("payout", "list")["payments"][-1:]
    assert last["partner_id"] == P3

    batch = paid(stage, later, "2019-09-16")  # P1: 1, 6, 7, 9; P2: 8, 10

    assert (batch["payments"], batch["total"]) == (2, "4000.00")
    assert stage.balances() == {
        P1: ("8000.00", "0.00"),
        P2: ("4000.00", "0.00"),
        P3: ("4000.00", "0.00"),
    }


def test_a_customer_that_moved_is_not_paid_for_twice(staged: Any) -> None:
    """Its new partner waits until the old one was paid too much no longer."""
    stage, first, anew = staged(FIRST, ANEW)
    paid(stage, first, "2019-08-20")  # P1: 1, 2; P2: 3

    # P2 has lost customer 3 to P3, and has earned customer 8 instead.
    batch = stage.prepare(anew, today="2019-09-09")

    listed = stage.call("payout", "list")["payments"]
    amounts = [(one["partner_id"], one["amount"]) for one in listed]
    assert amounts[2:] == [(P3, "4000.00")]
    assert batch["overpaid"] == []


def test_a_customer_that_moved_waits_while_its_money_is_elsewhere(
    staged: Any, ledger_url: str
) -> None:
    """Without anything to net, it is paid to the new partner when it came back."""
    stage, first, moved = staged("2019-09-17", "2019-09-19", url=ledger_url)
    paid(stage, first, "2019-09-18")  # P1: 1; P2: 2

    batch = paid(stage, moved, "2019-09-20")  # P2: 2, 1

    assert batch["payments"] == 0
    assert batch["held"] == [
        {
            "partner_id": P2,
            "amount": "2000.00",
            "reasons": ["customer_paid_to_another_partner"],
        }
    ]
    assert batch["overpaid"] == [{"partner_id": P1, "amount": "2000.00"}]
    back = booked(ids(stage)[P1], side="CRDT", returned="AC04", amount="2000.00")
    stage.call("payout", "import-status", str(answered(stage, camt054(back))))
    batch = paid(stage, moved, "2019-09-24")
    assert (batch["payments"], batch["total"]) == (1, "2000.00")
    assert (batch["held"], batch["overpaid"]) == ([], [])
    assert ids(stage)[P2] != ids(stage)[P1]


def test_money_that_came_back_after_netting_is_owed_again(staged: Any) -> None:
    """The sums stay right whichever payment the bank sends back, and when."""
    stage, first, anew = staged(FIRST, ANEW)
    paid(stage, first, "2019-08-20")  # P1: 1, 2; P2: 3
    first_ids = ids(stage)
    paid(stage, anew, "2019-09-09")  # P1: 1, 6; P2: 8; P3: 5, 3

    back = pain002(block(transaction(first_ids[P2], "RJCT")))
    path = answered(stage, back)
    content = path.read_bytes().replace(
        stage.call("payout", "list")["batches"][1]["message_id"].encode(),
        stage.call("payout", "list")["batches"][0]["message_id"].encode(),
    )
    path.write_bytes(content)
    stage.call("payout", "import-status", str(path))

    assert stage.balances()[P2] == ("2000.00", "2000.00")
    batch = stage.prepare(anew, today="2019-09-10")
    assert (batch["payments"], batch["total"]) == (1, "2000.00")
    assert stage.balances()[P2] == ("2000.00", "0.00")
    assert stage.prepare(anew, today="2019-09-10")["payments"] == 0


def test_an_older_run_is_refused(staged: Any) -> None:
    """It knows less than was acted on, so it would take back and pay again."""
    stage, first, more = staged(FIRST, MORE)
    paid(stage, more, "2019-08-26")

    refused = stage.prepare(first, code=5)

    assert "is older than" in refused
    assert len(stage.call("payout", "list")["batches"]) == 1


def test_what_settles_twice_or_returns_partly_is_held(staged: Any) -> None:
    """The bank's fee on a return is no return of the amount."""
    stage, first = staged(FIRST)
    paid(stage, first, "2019-08-20")
    short = booked(ids(stage)[P1], side="CRDT", returned="AC04", amount="3985.00")

    result = stage.call(
        "payout", "import-status", str(answered(stage, camt054(short))), code=5
    )

    assert "3985.00" in result["held"][0]["why"]
    assert stage.states()[P1] == "released"
