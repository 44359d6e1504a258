"""What the database itself refuses, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from pipelines.errors import LedgerError
from pipelines.ledger.tables import ENTRIES
from tests.ledger.story import PEOPLE, new, record, told_until
from tests.ledger_fixtures import AT

if TYPE_CHECKING:
    from pipelines.ledger.entries import NewEntry
    from pipelines.ledger.ledger import Ledger


def recorded(ledger: Ledger) -> list[str]:
    """Return the kinds of all entries."""
    with ledger.reading() as book:
        return [entry.content.kind.value for entry, _ in book.entries()]


def test_a_batch_goes_from_earned_to_booked(ledger: Ledger) -> None:
    """Nothing that is right is refused."""
    record(ledger, *told_until("the end"))

    assert recorded(ledger) == list(PEOPLE)


IMPOSSIBLE = [
    # (what, after the story up to, the entry, a word of the refusal)
    ("no customers", "earn", new("earn", customers={}), "add up"),
    ("customers of another sum", "earn", new("earn", customers={"x": 1}), "add up"),
    (
        "a customer below zero",
        "earn",
        new("earn", customers={"x": -1, "y": 200_001}),
        "add up",
    ),
    ("nothing earned", "earn", new("earn", amount_cents=0), "amount"),
    ("less than nothing", "earn", new("earn", amount_cents=-1), "amount"),
    (
        "a currency in words",
        "earn",
        new("earn", currency="dollars"),
        "currency_is_a_code",
    ),
    ("nobody", "earn", new("earn", who=""), "somebody_did_it"),
    ("taken back before it was earned", "earn", new("adjust"), "taken back"),
    ("netted before it was paid", "prepare", new("net"), "netted|at most once"),
    (
        "a batch of no payments",
        "prepare",
        new("prepare", payments=0),
        "there_are_payments",
    ),
    (
        "a batch without a message id",
        "prepare",
        new("prepare", message_id=None),
        "names_all_it_needs",
    ),
    ("a payment without a batch", "prepare", new("instruct"), "recorded with it"),
    (
        "a payment by somebody else than the batch",
        "instruct",
        new("instruct", "Bob"),
        "recorded with it",
    ),
    (
        "a payment for more than was earned",
        "instruct",
        new("instruct", amount_cents=200_001, customers={"x": 200_001}),
        "at most once",
    ),
    (
        "a payment for another customer",
        "instruct",
        new("instruct", customers={"y": 200_000}),
        "at most once",
    ),
    (
        "a payment more than the batch has",
        "approve",
        new("instruct"),
        "(?i)with it|at most once|unique",
    ),
    ("an approval by the preparer", "approve", new("approve", "Ann"), "another"),
    ("an approval by the same in other words", "approve", new("approve", " aNN"), "an"),
    (
        "an approval of another file",
        "approve",
        new("approve", "Bob", file_sha256="e" * 64),
        "as it was prepared",
    ),
    (
        "another total",
        "approve",
        new("approve", "Bob", amount_cents=1),
        "add up|was prepared",
    ),
    (
        "another count",
        "approve",
        new("approve", "Bob", payments=2),
        "add up|was prepared",
    ),
    ("a release without an approval", "approve", new("release", "Cleo"), "approved"),
    ("an answer before the release", "release", new("accept"), "released"),
    ("a booking before the release", "release", new("settle"), "released"),
    ("a return before the release", "release", new("return"), "released"),
    ("a second approval", "release", new("approve", "Eve"), "(?i)unique"),
    ("a release by the preparer", "release", new("release", "Ann"), "prepared it"),
    (
        "a release of another file",
        "release",
        new("release", "Cleo", file_sha256="e" * 64),
        "as it was approved",
    ),
    ("a file at the destination unreleased", "release", new("place"), "released"),
    ("a second release", "place", new("release", "Cleo"), "(?i)unique"),
    ("a name before the file", "place", new("confirm"), "placed"),
    ("a second confirmation", "accept", new("confirm"), "(?i)unique"),
    ("a file placed again", "accept", new("place"), "again"),
    ("an answer to nobody", "accept", new("accept", end_to_end_id="?"), "answer"),
    (
        "an answer with another amount",
        "accept",
        new("settle", amount_cents=1),
        "amount",
    ),
    (
        "an answer for another partner",
        "accept",
        new("settle", partner_id="q"),
        "answer",
    ),
    ("an answer in another batch", "accept", new("settle", batch_id="?"), "answer"),
    (
        "a rejection without a reason",
        "accept",
        new("reject", reason=None),
        "reject_names_all_it_needs",
    ),
    ("a second acceptance", "settle", new("accept"), "(?i)unique"),
    ("a rejection of what is booked", "the end", new("reject"), "only be returned"),
    (
        "an acceptance of what is booked",
        "the end",
        new("accept"),
        "returned|(?i:unique)",
    ),
    (
        "customers of an answer",
        "accept",
        new("accept", customers={"x": 1}),
        "customers",
    ),
]


@pytest.mark.parametrize(
    ("until", "entry", "word"),
    [case[1:] for case in IMPOSSIBLE],
    ids=[case[0] for case in IMPOSSIBLE],
)
def test_the_database_refuses(
    ledger: Ledger, until: str, entry: NewEntry, word: str
) -> None:
    """And what was there before stays, alone."""
    story = told_until(until)
    record(ledger, *story)

    with pytest.raises(LedgerError, match=word) as refused:
        record(ledger, entry)

    assert refused.value.exit_code == 5
    assert len(recorded(ledger)) == len(story)


def test_a_batch_that_is_not_whole_is_not_approved(ledger: Ledger) -> None:
    """A payment that was announced and is not there would be approved unseen."""
    record(ledger, new("earn"), new("prepare", payments=2), new("instruct"))

    with pytest.raises(LedgerError, match="add up to its count"):
        record(ledger, new("approve", "Bob", payments=2))


@pytest.mark.parametrize(
    ("sequence", "previous_hash"),
    [(3, "last"), (99, "last"), (2, "f" * 64)],
    ids=["a gap", "far ahead", "another hash"],
)
def test_an_entry_that_does_not_follow_the_last_one_is_refused(
    ledger: Ledger, sequence: int, previous_hash: str
) -> None:
    """Whoever writes past the one writer at a time fails here."""
    record(ledger, new("earn"))
    with ledger.reading() as book:
        (_, last) = book.head()
    previous = last if previous_hash == "last" else previous_hash
    row = {
        "sequence": sequence,
        "previous_hash": previous,
        "hash": "e" * 64,
        "recorded_at": AT,
        "kind": "import",
        "who": "Eve",
        "who_key": "eve",
        "file_sha256": "e" * 64,
        "facts": "{}",
    }

    with (
        pytest.raises(sa.exc.IntegrityError, match="follows the last one"),
        ledger.database.writing() as connection,
    ):
        connection.execute(sa.insert(ENTRIES).values(**row))


def test_a_netting_adds_up_to_nothing(ledger: Ledger) -> None:
    """It moves money between customers, and makes none."""
    record(ledger, *told_until("the end"), new("earn", customers={"y": 200_000}))
    record(ledger, new("adjust"))

    for moves in ({"x": -200_000, "y": 100_000}, {"y": 200_000}):
        with pytest.raises(LedgerError, match="paid for lost ones"):
            record(ledger, new("net", customers=moves))
    with pytest.raises(LedgerError, match="paid for lost ones"):
        record(ledger, new("net", amount_cents=100_000))
    record(ledger, new("net"))


def second_batch(**values: object) -> list[NewEntry]:
    """Return another batch that pays the same customer."""
    batch = {"batch_id": "b2", "message_id": "m2"}
    paid = {"batch_id": "b2", "end_to_end_id": "e2", "uetr": "u2"}
    return [new("prepare", **batch), new("instruct", **paid | values)]


@pytest.mark.parametrize("state", ["approve", "release", "place", "accept", "the end"])
def test_a_customer_is_not_paid_for_twice(ledger: Ledger, state: str) -> None:
    """While the first payment is on its way, or has arrived."""
    record(ledger, *told_until(state))

    with pytest.raises(LedgerError, match="at most once"):
        record(ledger, *second_batch())


def test_a_customer_is_not_paid_for_to_two_partners(ledger: Ledger) -> None:
    """Not even when the later run says that the other one has earned it."""
    record(ledger, *told_until("the end"))
    record(ledger, new("adjust"), new("earn", partner_id="q"))

    with pytest.raises(LedgerError, match="at most once"):
        record(ledger, *second_batch(partner_id="q"))


@pytest.mark.parametrize(
    ("until", "end"), [("accept", "reject"), ("the end", "return")]
)
def test_what_came_back_is_paid_again_once(
    ledger: Ledger, until: str, end: str
) -> None:
    """Under another id; and the payment that ended stays as it ended."""
    record(ledger, *told_until(until), new(end))

    record(ledger, *second_batch())

    for answer in ("accept", "reject", "settle", "return"):
        with pytest.raises(LedgerError, match=r"(?i)over|only be returned|unique"):
            record(ledger, new(answer))
    third = {"batch_id": "b3", "message_id": "m3"}
    with pytest.raises(LedgerError, match="at most once"):
        record(
            ledger,
            new("prepare", **third),
            new("instruct", batch_id="b3", end_to_end_id="e3", uetr="u3"),
        )


@pytest.mark.parametrize(
    ("batch", "paid"),
    [
        ({"message_id": "m"}, {}),
        ({"batch_id": "b"}, {"batch_id": "b"}),
        ({}, {"end_to_end_id": "e"}),
        ({}, {"uetr": "u"}),
    ],
    ids=["message id", "batch id", "end-to-end id", "uetr"],
)
def test_an_id_is_never_used_again(
    ledger: Ledger, batch: dict[str, str], paid: dict[str, str]
) -> None:
    """The bank knows a payment by it; even one that came back keeps its own."""
    record(ledger, *told_until("accept"), new("reject"))
    again = {"batch_id": "b2", "message_id": "m2"} | batch
    ids = {"batch_id": "b2", "end_to_end_id": "e2", "uetr": "u2"} | paid

    with pytest.raises(LedgerError):
        record(ledger, new("prepare", **again), new("instruct", **ids))


def test_what_was_withdrawn_is_neither_approved_nor_released(ledger: Ledger) -> None:
    """A payment that is rejected before the release takes its batch with it."""
    record(ledger, *told_until("release"), new("reject", reason="withdrawn"))

    with pytest.raises(LedgerError, match="withdrawn"):
        record(ledger, new("release", "Cleo"))


def test_netting_needs_a_lost_customer(ledger: Ledger) -> None:
    """What still is earned is not taken to pay for another one."""
    record(ledger, *told_until("the end"), new("earn", customers={"y": 200_000}))
    with pytest.raises(LedgerError, match="not earned any more"):
        record(ledger, new("net"))

    record(ledger, new("adjust"), new("net"))

    with ledger.reading() as book:
        rows = book.rows("select * from customer_balances order by customer_id")
    assert [(row["earned_cents"], row["paid_cents"]) for row in rows] == [
        (0, 0),
        (200_000, 200_000),
    ]


# Whichever of two rules is asked first.
TOO_MUCH = "not earned any more|than the partner was overpaid"


def test_a_partner_pays_back_what_it_was_overpaid(ledger: Ledger) -> None:
    """In parts, until nothing is left; then the customer may be paid for anew."""
    record(ledger, *told_until("the end"), new("adjust"))
    half = {"amount_cents": 100_000, "customers": {"x": -100_000}}

    record(ledger, new("repay", **half, reason="1"), new("repay", **half, reason="2"))

    with ledger.reading() as book:
        (partner,) = book.rows("select * from partner_balances")
        (customer,) = book.rows("select * from customer_balances")
    assert (partner["owed_cents"], partner["settled_cents"]) == (0, 200_000)
    assert (customer["earned_cents"], customer["paid_cents"]) == (0, 0)
    with pytest.raises(LedgerError, match=TOO_MUCH):
        record(ledger, new("repay", **half, reason="3"))
    # Another partner has earned it by now, and the first one gave it back.
    record(ledger, new("earn", partner_id="q"), *second_batch(partner_id="q"))


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        (new("repay", customers={"x": 200_000}), "adds up"),
        (new("repay", customers={}), "adds up"),
        (new("repay", customers={"y": -200_000}), TOO_MUCH),
        (
            new("repay", amount_cents=200_001, customers={"x": -200_001}),
            TOO_MUCH,
        ),
        (new("repay", reason=None), "repay_names_all_it_needs"),
        (new("repay", currency="EUR"), TOO_MUCH),
        (new("repay", partner_id="q"), TOO_MUCH),
    ],
)
def test_no_more_is_paid_back_than_was_overpaid(
    ledger: Ledger, entry: NewEntry, word: str
) -> None:
    """By whom, for whom, in what it was paid."""
    record(ledger, *told_until("the end"), new("adjust"))

    with pytest.raises(LedgerError, match=word):
        record(ledger, entry)


def test_nothing_is_paid_back_while_it_is_earned(ledger: Ledger) -> None:
    """Nor what another customer of the partner has yet to be paid."""
    record(ledger, *told_until("the end"))
    with pytest.raises(LedgerError, match=TOO_MUCH):
        record(ledger, new("repay"))

    record(ledger, new("adjust"), new("earn", customers={"y": 200_000}))

    with pytest.raises(LedgerError, match=TOO_MUCH):
        record(ledger, new("repay"))


def test_a_reference_is_used_once(ledger: Ledger) -> None:
    """The same money is not counted twice."""
    record(ledger, *told_until("the end"), new("adjust"))
    half = {"amount_cents": 100_000, "customers": {"x": -100_000}}
    record(ledger, new("repay", **half))

    with pytest.raises(LedgerError, match=r"(?i)unique"):
        record(ledger, new("repay", **half))


@pytest.mark.parametrize(
    "change",
    [
        "update entries set amount_cents = 1",
        "update entries set who = 'Eve'",
        "delete from entries",
        "delete from entry_customers",
        "update entry_customers set amount_cents = 1",
        "insert into entry_customers values (1, 'z', 1)",
        "insert into entries select 99, hash, hash || '', recorded_at, kind, who, "
        "who_key, campaign_id, batch_id, message_id, partner_id, end_to_end_id, uetr, "
        "amount_cents, currency, payments, file_sha256, run_id, reason, facts "
        "from entries where sequence = 1",
    ],
)
def test_nothing_is_changed_behind_the_ledgers_back(
    ledger: Ledger, change: str
) -> None:
    """Plain SQL meets the same triggers."""
    record(ledger, *told_until("the end"))

    with pytest.raises(sa.exc.IntegrityError), ledger.database.writing() as connection:
        connection.exec_driver_sql(change)


# Neither of the two is a plain delete, and neither asks the triggers on deletes.
EMPTYING = {
    True: "replace into entries select * from entries where sequence = 1",
    False: "truncate entries, entry_customers",
}


def test_entries_are_neither_replaced_nor_truncated(ledger: Ledger) -> None:
    """SQLite knows the one way around a delete, PostgreSQL the other."""
    record(ledger, *told_until("the end"))
    statement = EMPTYING[ledger.database.is_sqlite]

    with pytest.raises(sa.exc.IntegrityError), ledger.database.writing() as connection:
        connection.exec_driver_sql(statement)

    assert recorded(ledger) == list(PEOPLE)
