"""Payment files to real servers, SFTP and S3: once, whole, over nobody's file."""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.engine.default import DefaultDialect

from pipelines.clock import moment
from pipelines.payout.release import ReleaseRequest, release
from pipelines.settings import load_settings
from tests.payout_flow.stage import RELEASER, TODAY, Stage
from tests.remote.s3 import BUCKET, KEY, S3Depot
from tests.remote.sftp import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.remote.sftp import SftpDepot

FIRST = "2019-08-16"
# From the draft to the name, on either kind of server: what fails, at which file.
SFTP_STEPS = [
    ("write", ".payout.csv.part"),
    ("write", ".payout.xml.part"),
    ("rename", "payout.csv"),
    ("rename", "payout.xml"),
]


@pytest.fixture
def approved(staged: Any) -> tuple[Stage, str]:
    """Return a home with an approved batch."""
    stage, run_id = staged(FIRST)
    batch_id = stage.prepare(run_id)["batch_id"]
    stage.approve(batch_id)
    return stage, batch_id


@pytest.fixture(params=["sftp", "s3"])
def bank(request: pytest.FixtureRequest) -> SftpDepot | S3Depot:
    """Return a bank that takes files from a server of either kind."""
    served: SftpDepot | S3Depot = request.getfixturevalue(request.param)
    return served


def to(bank: Any) -> tuple[str, str]:
    """Return the option that names the bank."""
    return "--to", f"{f's3://{BUCKET}' if isinstance(bank, S3Depot) else bank.uri}/in"


def taken(bank: Any) -> dict[str, bytes]:
    """Return all that the bank's server holds, by path."""
    if isinstance(bank, S3Depot):
        return bank.objects()
    found = [path for path in sorted(bank.folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(bank.folder)): path.read_bytes() for path in found}


def prepared(stage: Stage, batch_id: str) -> dict[str, bytes]:
    """Return the files that the bank should have."""
    folder = stage.home / "payouts" / "d365-smb-2019" / batch_id
    return {
        f"in/{batch_id}/{name}": (folder / name).read_bytes()
        for name in ("payout.csv", "payout.xml")
    }


def test_the_bank_gets_both_files_once(approved: tuple[Stage, str], bank: Any) -> None:
    """To the byte; a second release sends nothing and says so."""
    stage, batch_id = approved

    first = stage.release(batch_id, *to(bank))
    bank.asked.clear()
    second = stage.release(batch_id, *to(bank))

    assert (first["is_new"], second["is_new"]) == (True, False)
    assert taken(bank) == prepared(stage, batch_id)
    assert not [one for one in bank.asked if one.split()[0] in {"PUT", "write"}]


def test_no_secret_of_the_server_is_told_or_recorded(
    approved: tuple[Stage, str], bank: Any
) -> None:
    """Neither in the answer, nor in the ledger."""
    stage, batch_id = approved

    said = str(stage.release(batch_id, *to(bank)))
    said += str(stage.release(batch_id, "--to", str(stage.root / "x"), code=5))
    with stage.ledger().reading() as book:
        said += str(book.rows("select * from entries"))

    assert PASSWORD not in said
    assert KEY not in said


def test_sftp_gets_drafts_then_names_and_the_order_last(
    approved: tuple[Stage, str], sftp: SftpDepot
) -> None:
    """By a rename that overwrites nothing; for its owner's eyes alone."""
    stage, batch_id = approved

    stage.release(batch_id, *to(sftp))

    done = [one for one in sftp.asked if not one.startswith("open")]
    assert done == [f"{what} {name}" for what, name in SFTP_STEPS]
    sent = sftp.folder / "in" / batch_id / "payout.xml"
    assert stat.S_IMODE(sent.stat().st_mode) == 0o600


def test_s3_is_asked_to_refuse_a_key_that_is_taken(
    approved: tuple[Stage, str], s3: S3Depot
) -> None:
    """Somebody's object that appears between the look and the write stays."""
    stage, batch_id = approved
    key = f"in/{batch_id}/payout.xml"

    def be_first(method: str, path: str) -> None:
        if method == "PUT" and path.endswith("payout.xml"):
            s3.before = lambda _method, _path: None
            s3.client.put_object(Bucket=BUCKET, Key=key, Body=b"theirs")

    s3.before = be_first

    stage.release(batch_id, *to(s3), code=3)

    assert taken(s3)[key] == b"theirs"
    assert "holds another file" in stage.release(batch_id, *to(s3), code=5)
    assert taken(s3)[key] == b"theirs"


def test_sftp_refuses_a_name_that_is_taken_in_the_last_moment(
    approved: tuple[Stage, str], sftp: SftpDepot
) -> None:
    """Between the look and the rename, too."""
    stage, batch_id = approved
    theirs = sftp.folder / "in" / batch_id / "payout.xml"
    did = sftp.did

    def be_first(what: str, path: Any) -> None:
        if what == "rename" and str(path).rstrip("'").endswith("payout.xml"):
            theirs.write_bytes(b"theirs")
        did(what, path)

    sftp.did = be_first  # type: ignore[method-assign]

    stage.release(batch_id, *to(sftp), code=3)

    assert theirs.read_bytes() == b"theirs"
    assert "holds another file" in stage.release(batch_id, *to(sftp), code=5)


@pytest.mark.parametrize("name", ["payout.csv", "payout.xml"])
def test_another_file_that_is_there_already_is_left_alone(
    approved: tuple[Stage, str], bank: Any, name: str
) -> None:
    """Nothing is sent there, and the batch can go elsewhere."""
    stage, batch_id = approved
    key = f"in/{batch_id}/{name}"
    if isinstance(bank, S3Depot):
        bank.client.put_object(Bucket=BUCKET, Key=key, Body=b"theirs")
    else:
        (bank.folder / key).parent.mkdir(parents=True)
        (bank.folder / key).write_bytes(b"theirs")

    assert "holds another file" in stage.release(batch_id, *to(bank), code=5)

    assert taken(bank)[key] == b"theirs"
    assert f"in/{batch_id}/payout.xml" not in set(taken(bank)) - {key}
    stage.release(batch_id)
    assert len(stage.sent()) == 1


@pytest.mark.parametrize("step", SFTP_STEPS, ids=" ".join)
def test_an_sftp_server_that_hangs_up_is_gone_on_with(
    approved: tuple[Stage, str], sftp: SftpDepot, step: tuple[str, str]
) -> None:
    """At each request; what it has of a file shows under no real name."""
    stage, batch_id = approved
    sftp.fails_at = step

    refused = stage.release(batch_id, *to(sftp), code=3)

    assert "release the batch again" in refused
    assert PASSWORD not in refused
    whole = prepared(stage, batch_id)
    assert all(whole[path] == content for path, content in named(taken(sftp)).items())
    sftp.fails_at = None
    stage.release(batch_id, *to(sftp))
    assert taken(sftp) == whole
    assert sftp.asked.count("rename payout.xml") == 1


def named(found: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files that are no drafts."""
    return {path: held for path, held in found.items() if not path.endswith(".part")}


@pytest.mark.parametrize("name", ["payout.csv", "payout.xml"])
def test_an_s3_server_that_fails_has_a_person_ask_the_bank(
    approved: tuple[Stage, str], s3: S3Depot, name: str
) -> None:
    """It has no drafts: a bank that has taken the object looks like one without it."""
    stage, batch_id = approved

    def fail(method: str, path: str) -> None:
        if method == "PUT" and path.endswith(name):
            raise ConnectionAbortedError

    s3.before = fail
    assert "failed" in stage.release(batch_id, *to(s3), code=3)
    s3.before = lambda _method, _path: None

    assert "--bank-has-it" in stage.release(batch_id, *to(s3), code=5)
    assert f"in/{batch_id}/payout.xml" not in taken(s3)
    stage.release(batch_id, *to(s3), "--bank-has-it", "no")

    assert taken(s3) == prepared(stage, batch_id)


def test_an_s3_object_whose_answer_got_lost_is_not_written_again(
    approved: tuple[Stage, str], s3: S3Depot
) -> None:
    """It is there, to the byte: nobody has to be asked."""
    stage, batch_id = approved
    s3.loses_answer_to = "payout.xml"
    assert "failed" in stage.release(batch_id, *to(s3), code=3)
    s3.loses_answer_to = None
    s3.asked.clear()

    stage.release(batch_id, *to(s3))

    assert taken(s3) == prepared(stage, batch_id)
    assert orders(s3) == 0


class KilledError(BaseException):
    """What no command catches: it ends there, as a process that is killed does."""


def killed_at_commit(
    step: int, work: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> bool:
    """Do *work* until its *step*-th effect on the ledger; tell whether that came.

    In this process, not in a fork of it as elsewhere: the server's threads and locks
    would be copied half-way.
    """
    numbers = itertools.count(1)
    commit = DefaultDialect.do_commit

    def effect() -> None:
        if next(numbers) == step:
            raise KilledError

    def do_commit(self: DefaultDialect, connection: Any) -> None:
        effect()
        commit(self, connection)
        effect()

    with monkeypatch.context() as patched:
        patched.setattr(DefaultDialect, "do_commit", do_commit)
        try:
            work()
        except KilledError:
            return True
    return False


def test_killed_at_any_step_the_bank_has_it_once(
    approved: tuple[Stage, str],
    bank: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between any two commits of the ledger: before, between and after the copies."""
    base, batch_id = approved
    for step in itertools.count(1):
        stage = Stage(tmp_path / f"step {step}")
        shutil.copytree(base.home, stage.home)
        empty(bank)
        bank.asked.clear()

        was_killed = killed_at_commit(
            step, lambda here=stage: here.release(batch_id, *to(bank)), monkeypatch
        )
        again(stage, batch_id, bank)

        assert taken(bank) == prepared(stage, batch_id)
        assert orders(bank) == 1
        assert stage.call("payout", "list")["batches"][0]["is_sent"] is True
        if not was_killed:
            break
    # Two for each commit: released, placed, confirmed; and those of reading.
    assert step > 6


def again(stage: Stage, batch_id: str, bank: Any) -> None:
    """Release once more; if S3 leaves it open, as a person who has asked the bank."""
    known = stage.call("payout", "list")["batches"][0]["is_sent"]
    with stage.ledger().reading() as book:
        placed = book.rows("select 1 from entries where kind = 'place'")
    in_doubt = isinstance(bank, S3Depot) and placed and not known
    if in_doubt and f"in/{batch_id}/payout.xml" not in taken(bank):
        assert "--bank-has-it" in stage.release(batch_id, *to(bank), code=5)
        stage.release(batch_id, *to(bank), "--bank-has-it", "no")
    stage.release(batch_id, *to(bank))


def orders(bank: Any) -> int:
    """Return how often the payment file got its name at the bank."""
    named = [one.split() for one in bank.asked if one.endswith("payout.xml")]
    return sum(what in {"PUT", "rename"} for what, _ in named)


def empty(bank: Any) -> None:
    """Take all away from the bank."""
    if isinstance(bank, S3Depot):
        for key in bank.objects():
            bank.client.delete_object(Bucket=BUCKET, Key=key)
    else:
        shutil.rmtree(bank.folder / "in", ignore_errors=True)


def test_many_at_once_release_it_once(approved: tuple[Stage, str], bank: Any) -> None:
    """The others wait, and find it done."""
    stage, batch_id = approved
    settings = load_settings(stage.home, {})
    now = moment(dt.date.fromisoformat(TODAY), settings.bank)
    request = ReleaseRequest(stage.home, batch_id, RELEASER, to(bank)[1], now, settings)

    with ThreadPoolExecutor(max_workers=3) as pool:
        released = list(pool.map(release, [request] * 3))

    assert sorted(one.is_new for one in released) == [False, False, True]
    assert taken(bank) == prepared(stage, batch_id)
    assert orders(bank) == 1


def test_a_bucket_that_is_not_there_is_not_made(
    approved: tuple[Stage, str], s3: S3Depot
) -> None:
    """A slip would send account numbers to a bucket of nobody; nothing is recorded."""
    stage, batch_id = approved

    refused = stage.release(batch_id, "--to", "s3://depot-of-a-slip/in", code=3)

    assert "no bucket depot-of-a-slip" in refused
    buckets = s3.client.list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in buckets] == [BUCKET]
    assert stage.states().popitem()[1] == "approved"


def test_a_server_that_cannot_be_reached_records_nothing(
    approved: tuple[Stage, str], sftp: SftpDepot
) -> None:
    """Nor one with a wrong password: exit 3, and the batch can still go anywhere."""
    stage, batch_id = approved
    for uri in (sftp.uri.replace(PASSWORD, "guess"), "sftp://127.0.0.1:1/in"):
        refused = stage.release(batch_id, "--to", uri, code=3)

        assert "failed (" in refused
        assert "guess" not in refused
    assert stage.states().popitem()[1] == "approved"
