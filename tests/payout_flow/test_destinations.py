"""Where files are sent: whole, once, never over another file; and after trouble."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Any

import fsspec
import pytest
from fsspec.implementations.dirfs import DirFileSystem
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem
from fsspec.registry import _registry

from pipelines.payout import destination
from tests.payout.answers import pain002
from tests.payout_flow.test_import_status import told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.payout_flow.stage import Stage

FIRST = "2019-08-16"


class Remote(DirFileSystem):  # type: ignore[misc]
    """A server of files, as SFTP is one: it renames, and trusts whoever asks."""

    protocol = "sftp"
    log: list[str] = []  # noqa: RUF012 - shared by all, as the server's log is
    fails_at: str | None = None

    def __init__(self, **_: Any) -> None:
        super().__init__(path=Remote.root, fs=LocalFileSystem())

    root = "/"

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite") -> None:
        """Write a file."""
        self._did("write", path)
        super().pipe_file(path, value, mode=mode)

    def mv(self, path1: str, path2: str, **more: Any) -> None:
        """Rename a file."""
        self._did("rename", path2)
        super().mv(path1, path2, **more)

    def unstrip_protocol(self, name: str) -> str:
        """Return the address of a file, with all that the user gave."""
        return f"sftp://user:password@host/{name.lstrip('/')}"

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return "/" + path.rpartition("host/")[2].strip("/") if "host/" in path else path

    def _did(self, what: str, path: str) -> None:
        name = path.rpartition("/")[2]
        if Remote.fails_at == f"{what} {name}":
            raise OSError(110, "Connection timed out")
        Remote.log.append(f"{what} {name}")


@pytest.fixture
def remote(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Remote]]:
    """Return a server whose files lie in a folder of the test."""
    monkeypatch.setattr(Remote, "root", str(tmp_path / "server"))
    monkeypatch.setattr(Remote, "log", [])
    monkeypatch.setattr(Remote, "fails_at", None)
    monkeypatch.setattr(Remote, "cachable", False)
    (tmp_path / "server").mkdir()
    fsspec.register_implementation("sftp", Remote, clobber=True)
    yield Remote
    # Whoever asks next gets the real one.
    del _registry["sftp"]


@pytest.fixture
def approved(staged: Any) -> tuple[Stage, str]:
    """Return a home with an approved batch."""
    stage, run_id = staged(FIRST)
    batch_id = stage.prepare(run_id)["batch_id"]
    stage.approve(batch_id)
    return stage, batch_id


def test_a_folder_gets_the_files_and_nothing_else(approved: tuple[Stage, str]) -> None:
    """Account numbers stay for the owner's eyes there, too."""
    stage, batch_id = approved

    stage.release(batch_id)

    folder = stage.bank / batch_id
    assert {path.name for path in folder.iterdir()} == {"payout.csv", "payout.xml"}
    sent = folder / "payout.xml"
    assert stat.S_IMODE(sent.stat().st_mode) == 0o600
    ours = stage.home / "payouts" / "d365-smb-2019" / batch_id / "payout.xml"
    assert sent.read_bytes() == ours.read_bytes()


def test_a_file_of_somebody_else_is_never_overwritten(
    approved: tuple[Stage, str],
) -> None:
    """Nothing is sent, and nothing is lost: it can go elsewhere."""
    stage, batch_id = approved
    theirs = stage.bank / batch_id / "payout.xml"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("theirs")

    refused = stage.release(batch_id, code=5)

    assert "holds another file" in refused
    assert theirs.read_text() == "theirs"
    stage.release(batch_id, "--to", str(stage.root / "other bank"))
    assert (stage.root / "other bank" / batch_id / "payout.xml").exists()


def test_a_server_gets_a_draft_and_a_rename_and_the_order_last(
    approved: tuple[Stage, str], remote: type[Remote]
) -> None:
    """Without the password in the ledger or in what is printed."""
    stage, batch_id = approved

    summary = stage.release(batch_id, "--to", "sftp://user:password@host/in")

    assert remote.log == [
        "write .payout.csv.part",
        "write .payout.xml.part",
        "rename payout.csv",
        "rename payout.xml",
    ]
    assert "password" not in str(summary)
    with stage.ledger().reading() as book:
        assert "password" not in str(book.rows("select * from entries"))


@pytest.mark.parametrize(
    "step",
    [
        "write .payout.csv.part",
        "write .payout.xml.part",
        "rename payout.csv",
        "rename payout.xml",
    ],
)
def test_a_server_that_fails_is_tried_again_and_gets_it_once(
    approved: tuple[Stage, str], remote: type[Remote], step: str
) -> None:
    """What broke off goes on; the list says that it did break off."""
    stage, batch_id = approved
    to = ("--to", "sftp://user:password@host/in")
    remote.fails_at = step

    refused = stage.release(batch_id, *to, code=3)

    assert "Connection timed out" in refused
    assert "password" not in refused
    (listed,) = stage.call("payout", "list")["batches"]
    assert (listed["state"], listed["is_sent"]) == ("released", False)
    remote.fails_at = None
    stage.release(batch_id, *to)
    assert remote.log.count("rename payout.xml") == 1
    assert stage.call("payout", "list")["batches"][0]["is_sent"] is True


def test_before_it_was_placed_a_batch_can_go_elsewhere(
    approved: tuple[Stage, str], remote: type[Remote]
) -> None:
    """A server that is down for good holds nobody's money."""
    stage, batch_id = approved
    remote.fails_at = "write .payout.xml.part"
    stage.release(batch_id, "--to", "sftp://host/in", code=3)

    stage.release(batch_id)

    assert len(stage.sent()) == 1


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_file_that_may_have_been_taken_is_not_sent_again_unasked(
    approved: tuple[Stage, str], remote: type[Remote], answer: str
) -> None:
    """The bank knows; what it says is recorded."""
    stage, batch_id = approved
    to = ("--to", "sftp://host/in")
    remote.fails_at = "rename payout.xml"
    stage.release(batch_id, *to, code=3)
    remote.fails_at = None
    (draft,) = (stage.root / "server").rglob(".payout.xml.part")
    draft.unlink()  # as if it had got its name, and the bank had taken it

    refused = stage.release(batch_id, *to, code=5)
    assert "--bank-has-it" in refused
    assert stage.call("payout", "list")["batches"][0]["message_id"] in refused
    assert remote.log.count("rename payout.xml") == 0

    stage.release(batch_id, *to, "--bank-has-it", answer)

    assert remote.log.count("rename payout.xml") == (1 if answer == "no" else 0)
    assert stage.call("payout", "list")["batches"][0]["is_sent"] is True


def test_a_bank_that_answers_has_the_file(
    approved: tuple[Stage, str], remote: type[Remote]
) -> None:
    """Nobody needs to be asked then."""
    stage, batch_id = approved
    to = ("--to", "sftp://host/in")
    remote.fails_at = "rename payout.xml"
    stage.release(batch_id, *to, code=3)
    remote.fails_at = None
    (draft,) = (stage.root / "server").rglob(".payout.xml.part")
    draft.unlink()
    told(stage, pain002(status="ACCP"))

    stage.release(batch_id, *to)

    assert remote.log.count("rename payout.xml") == 0
    assert set(stage.states().values()) == {"accepted"}


def test_an_object_store_is_asked_to_refuse_a_name_that_is_taken(
    approved: tuple[Stage, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no renaming, and needs none: an object is there whole or not at all."""
    stage, batch_id = approved
    store = MemoryFileSystem()
    modes: list[tuple[str, str]] = []
    plain = MemoryFileSystem.pipe_file

    def pipe_file(self: Any, path: str, value: bytes, mode: str = "overwrite") -> None:
        modes.append((path.rpartition("/")[2], mode))
        plain(self, path, value, mode=mode)

    monkeypatch.setattr(MemoryFileSystem, "pipe_file", pipe_file)
    to = ("--to", f"memory://bank-of-{batch_id}-{stage.root.name}")

    stage.release(batch_id, *to)

    assert modes == [("payout.csv", "create"), ("payout.xml", "create")]
    assert stage.release(batch_id, *to)["is_new"] is False
    assert len(modes) == 2
    store.rm(to[1], recursive=True)


def test_an_address_that_nobody_knows_is_wrong_usage(
    approved: tuple[Stage, str],
) -> None:
    """Nothing is recorded, so nothing is bound to it."""
    stage, batch_id = approved

    assert "cannot be opened" in stage.release(batch_id, "--to", "nope://x", code=2)
    assert stage.states().popitem()[1] == "approved"


def test_a_destination_keeps_no_listing_of_before() -> None:
    """A cached listing would hide what the bank took since."""
    place = destination.Destination("memory://somewhere", "b")

    assert place.find("payout.xml", b"1") is destination.Found.NOTHING
    place.finish("payout.xml", b"1")
    assert place.find("payout.xml", b"1") is destination.Found.THERE
    MemoryFileSystem().rm("/somewhere", recursive=True)
