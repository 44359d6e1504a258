"""Sources that fail, change or vanish under the reader."""

from __future__ import annotations

import io
from typing import Any

import pytest

from pipelines.errors import DataError, UsageError
from pipelines.source import Source
from tests.scenes import tree
from tests.sender import (
    BYTES,
    PLACE,
    LibraryError,
    Sender,
    Stream,
    land,
    refusal,
)


def test_a_file_is_read_once_and_not_again(shelf, home):
    """A night costs what is new; that reading leaves its time is no change."""
    land(home)
    shelf.files["depot/in/billing/2019-08-06/three.csv"] = b"3"
    land(home)
    land(home)

    assert shelf.opened == [
        f"depot/in/{PLACE}",
        "depot/in/billing/2019-08-06/three.csv",
    ]


def test_a_file_with_a_new_mark_is_read_again_once(shelf, home):
    """A time stamp that changed says nothing of the bytes: they are compared."""
    landed = land(home)
    shelf.marks[f"depot/in/{PLACE}"] = 1
    again = land(home)
    land(home)

    assert again.files == landed.files
    assert len(shelf.opened) == 2


def test_a_mark_that_did_not_change_saves_the_reading(shelf, home):
    """Unlike the size, which the receipt also has."""
    land(home)
    shelf.files[f"depot/in/{PLACE}"] = BYTES[:-1]

    with pytest.raises(DataError, match="was received before with other bytes"):
        land(home)


@pytest.mark.parametrize("dies_at", [0, 300_000, len(BYTES) - 1])
@pytest.mark.parametrize("error", [LibraryError("lost"), OSError(5, "I/O error")])
def test_a_source_that_dies_half_way_leaves_nothing(shelf, home, dies_at, error):
    """The next run receives the file as if nothing had been."""
    shelf.dies_at, shelf.error = dies_at, error

    message = refusal(home)

    reason = "lost" if isinstance(error, LibraryError) else "I/O error"
    assert message.startswith(f"depot/in/{PLACE} cannot be read ({reason})")
    shelf.dies_at = None
    land(home)
    assert tree(home / "landing") == {PLACE: BYTES}


def test_a_file_that_grows_while_it_is_read_is_refused(shelf, home):
    """What was read is neither the old file nor the new one."""

    def grow(path: str) -> None:
        shelf.files[path] = BYTES + b"more"

    shelf.when_opened = grow

    message = refusal(home)

    assert f"{PLACE} changed while it was read (600,000 bytes seen)" in message
    assert "when the sender has finished" in message


def test_a_file_that_is_replaced_while_it_is_read_is_refused(shelf, home):
    """Of the same size, it still has another mark."""

    def replace(path: str) -> None:
        shelf.marks[path] = 1

    shelf.when_opened = replace

    assert "changed while it was read" in refusal(home)


def test_a_file_of_another_size_than_listed_is_refused(shelf, home, monkeypatch):
    """A transfer that ends early without a word gives itself away."""
    monkeypatch.setattr(Stream, "read", lambda self, size=-1: io.BytesIO.read(self, 7))
    whole = Sender._open

    def cut(self: Sender, path: str, mode: str = "rb", **_: Any) -> io.BytesIO:
        stream = whole(self, path, mode)
        stream.truncate(10)
        return stream

    monkeypatch.setattr(Sender, "_open", cut)

    assert "changed while it was read (10 bytes seen)" in refusal(home)


def test_a_file_that_is_listed_and_then_gone_refuses_the_run(shelf, home, monkeypatch):
    """The sender is at work: what it listed is not what it has."""
    listing = Source.listing

    def listed_then_gone(*arguments: Any) -> Any:
        found = listing(*arguments)
        shelf.files.clear()
        return found

    monkeypatch.setattr(Source, "listing", listed_then_gone)

    assert f"{PLACE} cannot be read (No such file or directory)" in refusal(home)


@pytest.mark.parametrize("folder", ["billing", "billing/2019-08-05", "proofs"])
def test_a_folder_that_cannot_be_listed_refuses_the_run(shelf, home, folder):
    """Its files would be missing without a word."""
    shelf.closed_folder = folder
    shelf.error = PermissionError(13, "Permission denied")

    message = refusal(home)

    assert message.startswith(f"depot/in/{folder} cannot be read (Permission denied)")


def test_the_mark_of_a_folder_is_no_file(shelf, home):
    """Object stores keep an empty object in the name of a folder."""
    shelf.files |= {"depot/in/billing/2019-08-05/": b"", "depot/in/billing/": b""}

    landing = land(home)

    assert [file.place for file in landing.files] == [PLACE]
    assert landing.notices == ()


@pytest.mark.parametrize("theirs", [BYTES, BYTES[::-1]])
def test_what_another_run_landed_meanwhile_is_never_replaced(shelf, home, theirs):
    """The same bytes are fine; others are refused."""

    def land_first(_: str) -> None:
        target = home / "landing" / PLACE
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(theirs)
        shelf.when_opened = lambda _: None

    shelf.when_opened = land_first

    if theirs == BYTES:
        land(home)
    else:
        with pytest.raises(DataError, match="was received before with other bytes"):
            land(home)

    assert tree(home / "landing") == {PLACE: theirs}


def test_a_source_that_is_not_there_refuses_the_run(shelf, home, tmp_path):
    """A folder or a URI that was mistyped is no campaign without data."""
    nowhere = tmp_path / "nowhere"

    assert f"{nowhere} cannot be read (No such file" in refusal(home, str(nowhere))
    assert "sender://attic cannot be read" in refusal(home, "sender://attic")
    assert "http://[::1 cannot be read (Invalid IPv6" in refusal(home, "http://[::1")


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("nosuch://depot/in", "Protocol not known: nosuch"),
        ("abfs://bucket/in", "Install adlfs"),
        ("zip://in::nowhere.zip", "No such file"),
    ],
)
def test_an_address_that_cannot_be_opened_refuses_the_run(home, uri, reason):
    """The message repeats the address and what its library says."""
    message = refusal(home, uri)

    assert message.startswith(f"source {uri!r} cannot be opened (")
    assert reason in message


def test_a_blank_source_is_a_slip(home):
    """It would be the folder one stands in."""
    with pytest.raises(UsageError, match="--source is blank"):
        land(home, " ")
