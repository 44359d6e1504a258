"""The plan of payments, as a property: whatever runs and banks say, sums stay right."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.ledger.balances import Balance, partner_balances
from pipelines.ledger.ledger import Ledger
from pipelines.ledger.verify import check_chain
from pipelines.payout.plan import PAID_ELSEWHERE, Plan, plan_payments
from tests.ledger.story import new
from tests.ledger_fixtures import AT

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.ledger.ledger import WritableBook

PARTNERS, CUSTOMERS = ("p", "q", "r"), ("a", "b", "c", "d")
REWARD = 200_000
Cents = dict[str, int]


@dataclass
class Book:
    """The sums of a ledger, kept the simplest way."""

    earned: dict[str, Cents] = field(default_factory=lambda: defaultdict(dict))
    netted: dict[str, Cents] = field(default_factory=lambda: defaultdict(dict))
    wires: list[tuple[str, Cents]] = field(default_factory=list)

    def balances(self) -> dict[str, Balance]:
        """Return what the ledger would say."""
        found = {partner: Balance(dict(self.earned[partner])) for partner in PARTNERS}
        for partner in PARTNERS:
            found[partner].paid.update(self.netted[partner])
        for partner, customers in self.wires:
            add(found[partner].paid, customers)
        return found

    def follow(self, plan: Plan) -> None:
        """Record a plan."""
        for partner, moves in plan.nettings:
            add(self.netted[partner], moves)
        for one in plan.partners:
            add(self.earned[one.partner_id], one.earned)
            lost = {customer: -cents for customer, cents in one.lost.items()}
            add(self.earned[one.partner_id], lost)
            if one.paid:
                self.wires.append((one.partner_id, one.paid))

    def take_back(self, index: int) -> None:
        """Let a payment come back."""
        self.wires.pop(index)

    def sent_to(self, partner: str) -> int:
        """Return what was wired to a partner and has not come back."""
        return sum(sum(cents.values()) for one, cents in self.wires if one == partner)


def add(total: Cents, more: Cents) -> None:
    """Add amounts customer by customer."""
    for customer, cents in more.items():
        total[customer] = total.get(customer, 0) + cents


# A run gives each customer to one partner or to none; some rewards differ.
run = st.dictionaries(
    st.sampled_from(CUSTOMERS),
    st.tuples(st.sampled_from(PARTNERS), st.sampled_from([REWARD, REWARD, 150_000])),
)
step = st.tuples(run, st.sets(st.sampled_from(PARTNERS)), st.integers(0, 5))


def live_through(book: Any, steps: list[Any]) -> None:
    """Let runs and the bank have their say, and check each plan."""
    for owners, held, coming_back in steps:
        entitled: dict[str, Cents] = defaultdict(dict)
        for customer, (partner, cents) in owners.items():
            entitled[partner][customer] = cents
        holds = dict.fromkeys(held, ("held",))

        plan = plan_payments(entitled, holds, book.balances())
        before = {partner: book.sent_to(partner) for partner in PARTNERS}
        book.follow(plan)

        check(plan, entitled, holds, before)
        again = plan_payments(entitled, holds, book.balances())
        assert is_empty(again), "the same run again is news"
        if coming_back < len(book.wires):
            book.take_back(coming_back)


@settings(max_examples=300, deadline=None)
@given(st.lists(step, max_size=6))
def test_sums_stay_right_whatever_runs_and_banks_say(steps: list[Any]) -> None:
    """Runs change, partners are held, payments come back: in any order."""
    live_through(Book(), steps)


class RecordedBook(Book):
    """The same in a real ledger, whose rules have a say in each entry."""

    def __init__(self, ledger: Ledger, name: str) -> None:
        super().__init__()
        self._ledger, self._name = ledger, name
        self._batches = 0

    def balances(self) -> dict[str, Balance]:
        """Return what the ledger says."""
        with self._ledger.reading() as book:
            return partner_balances(book, self._name)

    def follow(self, plan: Plan) -> None:
        """Record a plan, each payment as a batch of its own."""
        with self._ledger.writing(AT) as book:
            for kind, part in (("earn", "earned"), ("adjust", "lost")):
                for one in plan.partners:
                    self._record(book, kind, one.partner_id, getattr(one, part))
            for partner, moves in plan.nettings:
                self._record(book, "net", partner, moves)
            for one in plan.partners:
                if one.paid:
                    self._batches += 1
                    self._record(book, "prepare", one.partner_id, one.paid)
                    self._record(book, "instruct", one.partner_id, one.paid)
                    self.wires.append((f"{self._batches} {one.partner_id}", one.paid))

    def take_back(self, index: int) -> None:
        """Let a payment come back."""
        batch, partner = self.wires.pop(index)[0].split()
        with self._ledger.reading() as book:
            (row,) = book.rows(
                "select amount_cents from payments where end_to_end_id = :one",
                one=f"{self._name}-{batch}",
            )
        ids = {"batch_id": f"{self._name}-{batch}", "partner_id": partner}
        with self._ledger.writing(AT) as book:
            end_to_end_id = f"{self._name}-{batch}"
            ids |= {"end_to_end_id": end_to_end_id, "campaign_id": self._name}
            book.append(new("reject", **ids, amount_cents=row["amount_cents"]))

    def sent_to(self, partner: str) -> int:
        """Return what was wired to a partner and has not come back."""
        sums = [sum(cents.values()) for one, cents in self.wires if partner in one]
        return sum(sums)

    def _record(
        self, book: WritableBook, kind: str, partner: str, customers: Cents
    ) -> None:
        if not customers:
            return
        batch = f"{self._name}-{self._batches}"
        of_kind: dict[str, dict[str, Any]] = {
            "prepare": {"batch_id": batch, "message_id": batch, "customers": {}},
            "instruct": {"batch_id": batch, "end_to_end_id": batch, "uetr": batch},
        }
        values = {
            "campaign_id": self._name,
            "partner_id": None if kind == "prepare" else partner,
            "amount_cents": sum(cents for cents in customers.values() if cents > 0),
            "customers": customers,
        }
        book.append(new(kind, **values | of_kind.get(kind, {})))


def test_the_ledger_refuses_no_plan(tmp_path: Path) -> None:
    """Its rules are about the same as the plan's, and neither knows the other."""
    ledger = Ledger.open(tmp_path)
    numbers = count(1)

    # Three moves at once, each of which waits for another one.
    waiting: list[Any] = [
        ({"a": ("r", REWARD), "c": ("p", REWARD)}, set(), 9),
        ({"a": ("p", REWARD), "b": ("r", REWARD)}, set(), 9),
    ]

    @settings(max_examples=40, deadline=None)
    @example(waiting)
    @given(st.lists(step, max_size=5))
    def check_all(steps: list[Any]) -> None:
        live_through(RecordedBook(ledger, f"campaign-{next(numbers)}"), steps)

    check_all()
    with ledger.reading() as book:
        assert check_chain(book).differences == ()
        assert check_chain(book).entries > 100


def check(
    planned: Plan,
    entitled: dict[str, Cents],
    holds: dict[str, Any],
    before: dict[str, int],
) -> None:
    """Check the plan of one run against plain sums."""
    assert all(sum(moves.values()) == 0 for _, moves in planned.nettings)
    for plan in planned.partners:
        owed = sum(entitled.get(plan.partner_id, {}).values())
        wired = sum(plan.paid.values())
        difference = max(0, owed - before[plan.partner_id])
        assert all(cents > 0 for cents in plan.paid.values())
        assert wired + plan.held_cents == difference
        assert wired == 0 or plan.partner_id not in holds
        assert plan.held_cents == 0 or plan.hold_reasons
        if PAID_ELSEWHERE not in plan.hold_reasons and plan.partner_id not in holds:
            assert wired == difference


def is_empty(plan: Plan) -> bool:
    """Return whether a plan changes nothing."""
    changes = [(one.earned, one.lost, one.paid) for one in plan.partners]
    return not plan.nettings and not any(any(change) for change in changes)


@settings(max_examples=200, deadline=None)
@given(st.lists(run, max_size=6))
def test_a_customer_is_paid_for_once_while_nothing_comes_back(
    runs: list[dict[str, tuple[str, int]]],
) -> None:
    """However often it moves from one partner to another."""
    book = Book()
    for owners in runs:
        entitled: dict[str, Cents] = defaultdict(dict)
        for customer, (partner, cents) in owners.items():
            entitled[partner][customer] = cents
        book.follow(plan_payments(entitled, {}, book.balances()))

        paid: Cents = defaultdict(int)
        for balance in book.balances().values():
            for customer, cents in balance.paid.items():
                paid[customer] += max(0, cents)
        # What was paid before under a higher reward is not taken back by itself.
        assert all(cents <= REWARD for cents in paid.values()), dict(paid)
