"""The steps that the scheduler takes from a final run to the bank's answers."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import shutil
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from pipelines.clock import Moment, moment
from pipelines.errors import DestinationError, DifferenceError, LedgerError
from pipelines.paths import CAMPAIGNS_DIR
from pipelines.scheduling import (
    campaign_days,
    close,
    deadline,
    question,
    settlement,
)
from pipelines.scheduling.asked import remember_question, remembered_question
from pipelines.scheduling.surroundings import Surroundings
from pipelines.settings import Settings, load_settings
from tests.payout.answers import block, pain002, transaction
from tests.payout_flow.mail_server import Mailbox, mail_server
from tests.payout_flow.runs import P1, P2
from tests.payout_flow.stage import CAMPAIGN, IBANS, Stage
from tests.payout_flow.test_notify import ADDRESSES
from tests.payout_flow.test_secrets import spilled
from tests.payout_flow.test_steps import answered, ids

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
    assert Path(released["file"].removeprefix("file://")) == stage.sent()[0]
    assert released["sha256"] == prepared["sha256"]
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


def test_one_changed_byte_after_the_answer_is_not_released(here: Any) -> None:
    """The approval is of the bytes that were there, and of no others."""
    place, stage, prepared = here
    approved = close.approve_batch(place, prepared, answered_by("bob"), "ann")
    (path,) = stage.home.rglob("payout.xml")
    path.write_bytes(path.read_bytes().replace(b"4000.00", b"4000.01"))

    with pytest.raises(LedgerError, match="nothing was sent"):
        close.release_batch(place, approved, None)

    assert stage.sent() == []


def test_a_batch_whose_question_was_lost_is_asked_about_again(here: Any) -> None:
    """A worker may die just after it prepared; or the answer was no."""
    place, stage, prepared = here

    again = close.prepare_batch(place, prepared["run_id"], "ann")
    by_another = close.prepare_batch(place, prepared["run_id"], "bob")

    assert again == by_another == prepared
    # Neither who prepared it nor who asks again may approve.
    for name in ("ann", "bob"):
        with pytest.raises(LedgerError, match="it takes another person"):
            close.approve_batch(place, by_another, answered_by(name), "bob")
    close.approve_batch(place, by_another, answered_by("cleo"), "bob")
    assert set(stage.states().values()) == {"approved"}


def test_what_was_released_is_not_asked_about_again(here: Any) -> None:
    """A second close finds nothing owed."""
    place, stage = released_batch(here)
    run_id = here[2]["run_id"]

    assert close.prepare_batch(place, run_id, "ann")["batch_id"] is None
    assert len(stage.sent()) == 1


def test_an_approval_is_given_once_and_by_one(here: Any) -> None:
    """The same answer again changes nothing; another person's is refused."""
    place, _, prepared = here

    first = close.approve_batch(place, prepared, answered_by("bob"), "ann")

    assert close.approve_batch(place, prepared, answered_by("bob"), "ann") == first
    with pytest.raises(LedgerError, match="approved already, by bob"):
        close.approve_batch(place, prepared, answered_by("cleo"), "ann")


def test_a_question_that_was_only_marked_as_answered_releases_nothing(
    here: Any,
) -> None:
    """Whoever may mark tasks as done cannot pay by it, nor by words of their own."""
    place, stage, prepared = here
    made_up = {"batch_id": prepared["batch_id"], "approved_by": "bob"}

    with pytest.raises(LedgerError, match="nobody approved the batch"):
        close.release_batch(place, None, None)
    with pytest.raises(LedgerError, match="is not approved"):
        close.release_batch(place, made_up, None)

    assert stage.sent() == []


def test_a_person_is_asked_about_what_the_ledger_has(here: Any) -> None:
    """Whatever tasks were told: total, digest, and who prepared it."""
    place, stage, prepared = here
    (path,) = stage.home.rglob("payout.xml")

    asked = close.asked_about(place, prepared["batch_id"])

    assert asked == prepared
    assert asked["amount"] == "6,000.00 USD"
    assert asked["customers"] == 3
    assert asked["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert asked["amount"] in question.SUBJECT.format(**asked)
    assert asked["sha256"] in question.body_of(asked, None)


def test_a_run_asks_about_one_batch_alone(here: Any) -> None:
    """Its page would show the first question again, with the money of that one."""
    place, stage, prepared = here
    remember_question(place.home, "run 1", prepared)
    words = ("payout", "withdraw", prepared["batch_id"], "--by", "Ann", "--reason", "x")
    stage.call(*words)
    other = close.prepare_batch(place, prepared["run_id"], "ann")

    remember_question(place.home, "run 1", prepared)
    with pytest.raises(LedgerError, match="start the close anew"):
        remember_question(place.home, "run 1", other)
    remember_question(place.home, "run 2", other)

    assert remembered_question(place.home, "run 1") == prepared
    assert remembered_question(place.home, "run 2") == other
    with pytest.raises(LedgerError, match="has asked nobody"):
        remembered_question(place.home, "run 3")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (None, "no reason was given"),
        (" the bank\n`was` | closed ", "`the bank 'was' | closed`"),
    ],
)
def test_who_approves_is_told_of_a_payment_that_is_late(
    here: Any, reason: str | None, words: str
) -> None:
    """And why, before the answer: without a reason nothing could be sent."""
    _, _, prepared = here
    late = prepared | {"execution_date": "2019-09-30"}

    assert "after its last day" not in question.body_of(prepared, reason)
    assert words in question.body_of(late, reason)


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


def test_a_partner_who_cannot_be_told_is_an_alarm(
    here: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All others are told; and once its address works, that one is, too."""
    place, _ = released_batch(here)
    mailbox = Mailbox(tmp_path / "mails", refused={ADDRESSES[P1]})
    mailbox.folder.mkdir()
    batch_id = here[2]["batch_id"]

    with mail_server(mailbox) as port:
        mail = {"HOST": "127.0.0.1", "PORT": str(port), "SECURITY": "none"}
        given = {f"CASHBACK_MAIL_{name}": value for name, value in mail.items()}
        monkeypatch.setattr(Here, "settings", lambda me: load_settings(me.home, given))
        with pytest.raises(DestinationError, match=f"1 partners.*{P1}: 550") as caught:
            close.tell_partners(place, batch_id)
        mailbox.refused = set()
        told = close.tell_partners(place, batch_id)

    assert "@" not in str(caught.value)
    assert told == {"batch_id": batch_id, "sent": 1, "sent_before": 1}


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

    assert deadline.warnings(place, DAY) == []
    assert "is prepared, and not with the bank" in str(deadline.warnings(place, near))
    words = ("payout", "withdraw", prepared["batch_id"], "--by", "Ann", "--reason", "x")
    stage.call(*words)
    assert "6000.00 USD are owed" in str(deadline.warnings(place, near))


@pytest.fixture
def next_campaign(tmp_path: Path) -> str:
    """Return the file of another campaign, of the same days, under another name."""
    path = tmp_path / "campaigns" / "next.yaml"
    shutil.copytree(CAMPAIGNS_DIR.parent / "reference", tmp_path / "reference")
    path.parent.mkdir()
    terms = (CAMPAIGNS_DIR / f"{CAMPAIGN}.yaml").read_text(encoding="utf-8")
    path.write_text(
        terms.replace(CAMPAIGN, "next").replace("value: 90,", "value: 80,"),
        encoding="utf-8",
    )
    return str(path)


def test_every_campaign_with_a_batch_is_warned_of(
    here: Any, next_campaign: str
) -> None:
    """Whichever was chosen in the form; and the scheduled one, even before that."""
    place, _, prepared = here
    near = dt.date(2019, 9, 16)
    (chosen,) = deadline.warnings(place, near)

    found = deadline.warnings(replace(place, campaign=next_campaign), near)

    assert prepared["batch_id"] in chosen
    assert chosen in found
    assert [text for text in found if "no batch was prepared yet" in text] == found[1:]


def test_a_campaign_that_was_decided_and_not_prepared_is_warned_of(
    staged: Any, next_campaign: str
) -> None:
    """Whatever is scheduled: a question that waits for the snapshot pays nobody."""
    stage, _ = staged(FIRST)
    place = Here(stage.home, next_campaign, stage.root)

    decided, scheduled = deadline.warnings(place, dt.date(2019, 9, 16))

    assert f"campaign {CAMPAIGN} is to be paid by 2019-09-27" in decided
    assert "campaign next is to be paid by 2019-09-18" in scheduled


def test_the_alert_of_a_close_is_of_the_campaign_that_it_pays(
    here: Any, next_campaign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not of the scheduled one, if another was chosen in the form."""
    place, _, _ = here
    late = partial(Here.moment, place, dt.date(2019, 9, 16))
    monkeypatch.setattr(Here, "moment", lambda _: late())
    monkeypatch.setattr(
        "pipelines.scheduling.surroundings.surroundings",
        lambda chosen: replace(place, campaign=chosen or CAMPAIGN),
    )
    run = {"dag_run": {"conf": {"campaign": next_campaign}}}

    with capture_logs() as chosen:
        asyncio.run(deadline.warn_unless_released(context=run))
    with capture_logs() as scheduled:
        asyncio.run(deadline.warn_unless_released(context={"dag_run": {"conf": {}}}))

    assert "campaign next is to be paid" in str(chosen)
    assert [one["event"] for one in scheduled if one["log_level"] == "error"] == [
        "payment_deadline"
    ]
    assert "campaign next" not in str(scheduled)


def test_the_days_of_every_campaign_that_can_be_chosen_are_looked_at(
    next_campaign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the DAG is read, nobody has chosen yet."""
    monkeypatch.setenv("CASHBACK_CAMPAIGN", next_campaign)

    found = campaign_days.warning_times()

    for name in (CAMPAIGN, next_campaign):
        assert set(found) >= set(deadline.warning_times(name))
    assert found == sorted(set(found))
    # Of one that was over before, every day would count as missed.
    path = Path(next_campaign)
    path.write_text(path.read_text("utf-8").replace("2019", "2027"), "utf-8")
    assert {day.year for day in campaign_days.warning_times()} == {2027}


def test_what_is_sent_needs_no_warning(here: Any) -> None:
    """Nothing is owed, and all is with the bank."""
    place, _ = released_batch(here)

    assert deadline.warnings(place, dt.date(2019, 9, 20)) == []


def test_the_warnings_come_ten_five_and_one_banking_days_before() -> None:
    """Counted from Friday, 27 September 2019."""
    days = [str(time.date()) for time in deadline.warning_times(CAMPAIGN)]

    assert days == ["2019-09-13", "2019-09-20", "2019-09-26"]
