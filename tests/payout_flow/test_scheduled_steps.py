"""The steps that the scheduler takes from a final run to the bank's answers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.clock import Moment, moment
from pipelines.errors import DifferenceError, LedgerError
from pipelines.scheduling import close, deadline, settlement
from pipelines.scheduling.surroundings import Surroundings
from pipelines.settings import Settings, load_settings
from tests.payout.answers import block, pain002, transaction
from tests.payout_flow.runs import P1, P2
from tests.payout_flow.stage import CAMPAIGN, IBANS, Stage
from tests.payout_flow.test_secrets import spilled
from tests.payout_flow.test_steps import answered, ids

if TYPE_CHECKING:
    from pathlib import Path

FIRST = "2019-08-16"
DAY = dt.date(2019, 8, 20)


@dataclass(frozen=True)
class Here(Surroundings):
    """A place without a scheduler around it."""

    root: Path = None  # type: ignore[assignment]

    source = property(lambda self: str(self.root / FIRST / "source"))
    destination = property(lambda self: str(self.root / "bank"))
    inbox = property(lambda self: str(self.root / "inbox"))

    def settings(self) -> Settings:
        """Return those of the home."""
        return load_settings(self.home, {})

    def moment(self, today: dt.date | None = None) -> Moment:
        """Return a day on which all is well in time."""
        return moment(today or DAY, self.settings().bank)


@pytest.fixture
def here(staged: Any) -> tuple[Here, Stage, dict[str, Any]]:
    """Return a place with a prepared batch, which ann has started."""
    stage, run_id = staged(FIRST)
    place = Here(stage.home, CAMPAIGN, stage.root)
    return place, stage, close.prepare_batch(place, run_id, "ann")


def answered_by(name: str, *, option: str = "Approve") -> dict[str, Any]:
    """Return what the scheduler says of a person's answer."""
    return {
        "chosen_options": [option],
        "responded_by_user": {"id": name, "name": name},
    }


def test_a_batch_that_somebody_else_approves_is_released(here: Any) -> None:
    """The bank gets the very bytes that were shown."""
    place, stage, prepared = here

    approved = close.approve_batch(place, prepared, answered_by("bob"), "ann")
    released = close.release_batch(place, approved, None)

    assert (prepared["payments"], prepared["total"]) == (2, "6000.00")
    assert released["released_by"] == "bob"
    assert len(stage.sent()) == 1
    assert close.release_batch(place, approved, None)["released_by"] == "bob"
    assert len(stage.sent()) == 1
    assert close.tell_partners(place, prepared["batch_id"]) is None


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (answered_by("ann"), "it takes another person"),
        (answered_by(" ANN "), "it takes another person"),
        (answered_by("bob", option="Reject"), "not approved by a person"),
        ({"chosen_options": ["Approve"]}, "not approved by a person"),
    ],
)
def test_nobody_approves_what_is_their_own_or_nobodys(
    here: Any, answer: dict[str, Any], sentence: str
) -> None:
    """Nothing is recorded then."""
    place, stage, prepared = here

    with pytest.raises(LedgerError, match=sentence):
        close.approve_batch(place, prepared, answer, "ann")

    assert set(stage.states().values()) == {"prepared"}


def test_one_changed_byte_between_question_and_answer_voids_it(here: Any) -> None:
    """What was shown is what is approved."""
    place, stage, prepared = here
    (path,) = stage.home.rglob("payout.xml")
    path.write_bytes(path.read_bytes().replace(b"4000.00", b"4000.01"))

    with pytest.raises(LedgerError, match="nothing was approved"):
        close.approve_batch(place, prepared, answered_by("bob"), "ann")


def test_it_is_prepared_for_somebody(staged: Any) -> None:
    """Else nobody could be told from who approves."""
    stage, run_id = staged(FIRST)

    with pytest.raises(LedgerError, match="nobody is known to have started this"):
        close.prepare_batch(Here(stage.home, CAMPAIGN, stage.root), run_id, None)


def test_the_close_waits_for_the_cut_off_and_the_snapshot(runs: Any) -> None:
    """A snapshot of another day is none."""
    runs.ids(FIRST)
    root = runs.root
    place = Here(root / "home", CAMPAIGN, root)

    assert close.is_ready(place, dt.date(2019, 8, 14)) is False
    assert close.is_ready(place, dt.date(2019, 8, 15)) is False  # delivered a day later
    assert close.is_ready(place, DAY) is True


def released_batch(here: Any) -> tuple[Here, Stage]:
    """Approve and release."""
    place, stage, prepared = here
    approved = close.approve_batch(place, prepared, answered_by("bob"), "ann")
    close.release_batch(place, approved, None)
    return place, stage


def settle(place: Here) -> dict[str, Any]:
    """Take the bank's answers in."""
    return settlement.take_in(place, settlement.collect(place))


def test_answers_are_taken_in_and_no_account_stays(here: Any) -> None:
    """Twice the same is once; what came back is an alarm until it is ordered anew."""
    place, stage = released_batch(here)
    inbox = stage.root / "inbox"
    assert settle(place)["files"] == 0
    report = pain002(
        block(
            transaction(ids(stage)[P1], "ACSC"),
            transaction(
                ids(stage)[P2],
                "RJCT",
                reason="<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>Account "
                f"{IBANS[P2]} is closed</AddtlInf></StsRsnInf>",
            ),
        )
    )
    answered(stage, report, "answer.xml").rename(inbox / "answer.xml")

    first, again = settle(place), settle(place)

    assert (first["new_files"], again["new_files"]) == (1, 0)
    with pytest.raises(DifferenceError, match="is rejected"):
        settlement.alarm(place, first, DAY)
    (inbox / "answer.xml").unlink()
    assert spilled(stage.root) == []


def test_a_bank_that_says_nothing_is_an_alarm(here: Any) -> None:
    """Some banking days after the payments were to be made."""
    place, _ = released_batch(here)
    quiet = {"held": []}

    assert settlement.alarm(place, quiet, DAY) == {"released": 2}
    with pytest.raises(DifferenceError, match="the bank says nothing of batch"):
        settlement.alarm(place, quiet, dt.date(2019, 8, 30))


def test_before_the_last_day_to_pay_it_warns_unless_all_is_sent(here: Any) -> None:
    """A prepared batch is not sent, and a withdrawn one leaves money owed."""
    place, stage, prepared = here
    near = dt.date(2019, 9, 20)

    assert deadline.warning(place, DAY) is None
    assert "is prepared, and not with the bank" in str(deadline.warning(place, near))
    words = ("payout", "withdraw", prepared["batch_id"], "--by", "Ann", "--reason", "x")
    stage.call(*words)
    assert "6000.00 USD are owed" in str(deadline.warning(place, near))


def test_what_is_sent_needs_no_warning(here: Any) -> None:
    """Nothing is owed, and all is with the bank."""
    place, _ = released_batch(here)

    assert deadline.warning(place, dt.date(2019, 9, 20)) is None


def test_the_warnings_come_ten_five_and_one_banking_days_before() -> None:
    """Counted from Friday, 27 September 2019."""
    days = [str(time.date()) for time in deadline.warning_times(CAMPAIGN)]

    assert days == ["2019-09-13", "2019-09-20", "2019-09-26"]
