"""The DAGs as Airflow reads and runs them: which tasks, in which order, to what end."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.errors import CashbackError, DataError, DestinationError, SourceError
from pipelines.paths import SAMPLE_DIR
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import run
from pipelines.scheduling.campaign_days import FEED_NAMES
from tests.scheduling.airflow_place import AirflowPlace

if TYPE_CHECKING:
    from pathlib import Path

# Before anything is delivered; with open campaign; after a late snapshot; and later.
NIGHTS = ("2019-01-05", "2019-07-08", "2019-07-19", "2019-08-03")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> AirflowPlace:
    """Return an Airflow with a database, and no servers."""
    made = AirflowPlace(tmp_path_factory.mktemp("airflow"))
    made.make()
    return made


@pytest.fixture(scope="module")
def read(place: AirflowPlace) -> Any:
    """Return what Airflow finds in ``dags/``."""
    return place.python("read_dags")


def test_the_files_are_read_without_a_word(read: Any) -> None:
    """In a moment, beyond what Airflow takes itself; nothing heavy is imported."""
    assert read["errors"] == {}
    assert read["warnings"] == []
    assert read["heavy"] == []
    assert read["seconds"] < 1


def test_each_task_waits_for_what_it_needs(read: Any) -> None:
    """The whole graph of each DAG."""
    graphs = {name: dag["tasks"] for name, dag in read["dags"].items()}

    assert graphs == {
        "cashback_nightly": {
            "night": ["decide", "judge", "receive"],
            "receive": ["judge"],
            "judge": ["decide"],
            "decide": ["standing"],
            "standing": [],
        },
        "cashback_campaign_close": {
            "cut_off_and_snapshot": ["decide"],
            "decide": ["prepare"],
            "prepare": ["ask"],
            "ask": ["release"],
            "release": ["notify"],
            "notify": [],
        },
        "cashback_settlement": {
            "collect": ["take_in"],
            "take_in": ["alarm"],
            "alarm": [],
        },
    }


def test_the_page_says_which_task_makes_what(read: Any) -> None:
    """Of every asset, so that nobody has to look for it in the code."""
    makes = {
        f"{name}.{task}": {uri.removeprefix("x-cashback://") for uri in uris}
        for name, dag in read["dags"].items()
        for task, uris in dag["outlets"].items()
    }

    assert makes == {
        "cashback_nightly.receive": {f"validated/{feed}" for feed in FEED_NAMES},
        "cashback_nightly.decide": {"runs"},
        "cashback_campaign_close.decide": {"runs"},
        "cashback_campaign_close.prepare": {"batches"},
        "cashback_campaign_close.release": {"batches"},
        "cashback_settlement.take_in": {"batches"},
    }


def test_nights_are_caught_up_one_at_a_time(read: Any) -> None:
    """Two at once would race for the same home."""
    dags = read["dags"]

    assert dags["cashback_nightly"]["catchup"] is True
    assert {dag["max_active_runs"] for dag in dags.values()} == {1}
    assert {pool for dag in dags.values() for pool in dag["pools"]} == {"cashback"}


def test_silence_approves_nothing(read: Any) -> None:
    """No default and no time-out."""
    close = read["dags"]["cashback_campaign_close"]

    assert close["defaults"] == [None]
    assert close["timeouts"] == ["None"]


def test_only_what_cannot_be_reached_is_tried_again(read: Any) -> None:
    """Bad data stays bad. A task whose worker was killed is tried again, too."""
    assert {tuple(dag["retries"]) for dag in read["dags"].values()} == {(3,)}
    policies = {one for dag in read["dags"].values() for one in dag["policies"]}
    (policy,) = [json.loads(one) for one in policies]
    rules = [
        (name, rule["action"])
        for rule in policy["rules"]
        for name in as_list(rule["exception"])
    ]

    def action(error: type[CashbackError]) -> str:
        names = {f"{one.__module__}.{one.__qualname__}" for one in error.__mro__}
        return next(action for name, action in rules if name in names)

    assert {action(SourceError), action(DestinationError)} == {"retry"}
    assert action(DataError) == "fail"


def as_list(names: str | list[str]) -> list[str]:
    """Return one name, or several, as a list."""
    return [names] if isinstance(names, str) else names


@pytest.fixture(scope="module")
def nights(place: AirflowPlace) -> Any:
    """Return what came of some nights, run one after another."""
    return place.python("run_nights", *NIGHTS)


def test_a_night_before_any_delivery_is_skipped(nights: Any) -> None:
    """There is nothing to decide yet, and nothing is wrong."""
    tasks = nights["nights"][NIGHTS[0]]["tasks"]

    assert tasks["decide[-1]"] == "skipped"
    assert "failed" not in tasks.values()


def test_nights_come_to_what_the_command_line_comes_to(
    place: AirflowPlace, nights: Any, tmp_path: Path
) -> None:
    """To the byte."""
    for night in NIGHTS[1:]:
        states = nights["nights"][night]["tasks"]
        assert set(states.values()) == {"success"}, night
        request = RunRequest(
            str(SAMPLE_DIR), tmp_path, known_at=dt.date.fromisoformat(night)
        )
        run(request, Progress())

    assert digests(place.home / "runs") == digests(tmp_path / "runs")


def test_each_night_tells_what_it_made_of_each_feed(nights: Any) -> None:
    """Of each feed once, by the task that received it; and where the run is."""
    run_ids = {run_id for run_id, _, uri, _ in nights["made"] if uri.endswith("/runs")}

    assert len(run_ids) == len(NIGHTS) - 1
    for run_id in run_ids:
        mine = [one[1:] for one in nights["made"] if one[0] == run_id]
        feeds = {uri: extra for task, uri, extra in mine if task == "receive"}
        assert {uri: extra["feed"] for uri, extra in feeds.items()} == {
            f"x-cashback://validated/{feed}": feed for feed in FEED_NAMES
        }
        assert len(mine) == len(FEED_NAMES) + 1


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file under a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_partners_are_told_where_they_stand(place: AirflowPlace, nights: Any) -> None:
    """A file a night, with the days that are left."""
    files = sorted((place.home / "standing" / "d365-smb-2019").iterdir())

    assert [path.name[:10] for path in files] == list(NIGHTS[1:])
    header, *rows = files[0].read_text("utf-8").splitlines()
    assert header == (
        "partner_id,partner_name,qualified_customers,customers_at_risk,"
        "seats_short,days_left"
    )
    assert sum(int(row.rsplit(",", 4)[2]) for row in rows) > 0


def test_tasks_tell_each_other_paths_dates_and_counts(
    place: AirflowPlace, nights: Any
) -> None:
    """Anyone may read what Airflow keeps: no name, no account, no customer."""
    told = " ".join(nights["told"])
    accounts = (SAMPLE_DIR / "bank_accounts").rglob("*.csv")
    secrets = {
        cell
        for path in accounts
        for line in path.read_text("utf-8").splitlines()[1:]
        for cell in line.split(",")
        if len(cell) > 7
        and any(mark.isdigit() for mark in cell)
        and not re.fullmatch(r"[\d/. :-]{8,16}", cell)
    }

    assert "run_id" in told
    assert not [secret for secret in secrets if secret in told]
    assert "@" not in told
