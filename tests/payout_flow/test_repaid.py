"""An overpaid partner pays back by hand: recorded once, and never more than that."""

from __future__ import annotations

import email
import itertools
import re
import shutil
from email.policy import default
from typing import TYPE_CHECKING, Any

import pytest

from tests.payout_flow.killing import at_once, killed_at
from tests.payout_flow.runs import P1, P2
from tests.payout_flow.stage import Stage
from tests.payout_flow.test_corrections import ANEW, FIRST, LESS, paid

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def overpaid(staged: Any, ledger_url: str) -> tuple[Stage, str]:
    """Return a home whose partners were paid for customers that they lost since.

    The first one keeps one of two customers, the second one none.
    """
    stage, first, less, anew = staged(FIRST, LESS, ANEW, url=ledger_url)
    paid(stage, first, "2019-08-20")
    assert paid(stage, less, "2019-09-02")["overpaid"]
    return stage, anew


def repaid(
    stage: Stage, partner: str, amount: str, reference: str = "R1", **given: Any
) -> Any:
    """Give the command."""
    words = ("payout", "repaid", partner, amount, "--by", "Dora Bookkeeper")
    return stage.call(*words, "--reference", reference, **given)


def test_what_is_paid_back_is_owed_no_more(overpaid: tuple[Stage, str]) -> None:
    """In parts; and the ledger stays sound."""
    stage, _ = overpaid

    half = repaid(stage, P2, "500")
    rest = repaid(stage, P2, "1500.00", "R2")

    assert (half["amount"], half["still_overpaid"]) == ("500.00", "1500.00")
    assert (rest["still_overpaid"], rest["is_new"]) == ("0.00", True)
    assert stage.balances()[P2] == ("0.00", "0.00")
    assert stage.call("ledger", "verify")["differences"] == []
    assert "is not overpaid" in repaid(stage, P2, "0.01", "R3", code=5)


def test_a_later_run_pays_in_full_again(overpaid: tuple[Stage, str]) -> None:
    """What was paid back is not netted once more from what is earned anew."""
    stage, anew = overpaid
    repaid(stage, P2, "2000.00")

    batch = paid(stage, anew, "2019-09-10")

    amounts = {
        one["partner_id"]: one["amount"]
        for one in stage.call("payout", "list")["payments"]
        if one["batch_id"] == batch["batch_id"]
    }
    assert amounts[P2] == "2000.00"
    mails = stage.root / "mails"
    stage.call("payout", "notify", batch["batch_id"], "--dry-run", str(mails))
    assert "0.00 USD of it was paid before" in plain(mails / f"statement-{P2}.eml")
    assert P1 not in amounts  # its new customer was netted: it had paid nothing back


def plain(path: Path) -> str:
    """Return the text of a mail, its lines joined."""
    message = email.message_from_bytes(path.read_bytes(), policy=default)
    return " ".join(message.get_body(("plain",)).get_content().split())


def test_the_same_reference_again_changes_nothing(overpaid: tuple[Stage, str]) -> None:
    """And never stands for another amount."""
    stage, _ = overpaid
    repaid(stage, P2, "500.00")

    again = repaid(stage, P2, "500.00", " R1 ")

    assert (again["is_new"], again["still_overpaid"]) == (False, "1500.00")
    assert "another reference" in repaid(stage, P2, "600.00", code=5)


@pytest.mark.parametrize(
    ("partner", "amount", "reference", "code", "word"),
    [
        (P2, "2000.01", "R1", 5, "is overpaid by 2000.00 USD"),
        ("9999999", "1.00", "R1", 5, "is not overpaid"),
        (P2, "0.00", "R1", 2, "no amount"),
        (P2, "-5", "R1", 2, "no amount|No such option"),
        (P2, "1,000.00", "R1", 2, "no amount"),
        (P2, "1.005", "R1", 2, "no amount"),
        (P2, "1e3", "R1", 2, "no amount"),
        (P2, "5", "  ", 2, "reference"),
        (P2, "5", "a\x1b[2J", 2, "reference"),
    ],
)
def test_what_cannot_be_is_refused(  # noqa: PLR0913, PLR0917 - a case has all of these
    overpaid: tuple[Stage, str],
    partner: str,
    amount: str,
    reference: str,
    code: int,
    word: str,
) -> None:
    """In one sentence, and nothing is recorded."""
    stage, _ = overpaid
    before = stage.call("ledger", "verify")["entries"]

    assert re.search(word, repaid(stage, partner, amount, reference, code=code))

    assert stage.call("ledger", "verify")["entries"] == before


def test_many_at_once_record_it_once(overpaid: tuple[Stage, str]) -> None:
    """Whoever comes second finds it recorded."""
    stage, _ = overpaid

    at_once(3, lambda _: repaid(stage, P2, "2000.00"))

    assert stage.balances()[P2] == ("0.00", "0.00")


def test_killed_at_any_step_it_is_recorded_once(
    staged: Any, make: Callable[[Stage, int], Stage]
) -> None:
    """The same command again says whether it was."""
    stage, first, less = staged(FIRST, LESS)
    paid(stage, first, "2019-08-20")
    paid(stage, less, "2019-09-02")
    for step in itertools.count(1):
        here = make(stage, step)
        was_killed = killed_at(
            step, here.root, lambda here=here: repaid(here, P2, "2000.00"), files=False
        )
        repaid(here, P2, "2000.00")
        assert here.balances()[P2] == ("0.00", "0.00")
        if not was_killed:
            break
    assert step > 2


@pytest.fixture
def make() -> Callable[[Stage, int], Stage]:
    """Return how to copy a home."""

    def copied(stage: Stage, step: int) -> Stage:
        here = Stage(stage.root, None, f"home {step}")
        shutil.copytree(stage.home, here.home)
        return here

    return copied
