"""Extracts are received once, byte for byte, or not at all."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
import stat
from typing import TYPE_CHECKING

import pytest

from pipelines.errors import DataError
from tests.pulling import BYTES, PLACE, land
from tests.reference.sound import CUSTOMER, CUT_OFF, REACHABLE
from tests.scenes import LATER, NEXT, tree

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scenes import Scene


def test_a_landed_file_is_what_was_delivered_with_a_receipt(source, home):
    """The receipt says what was received, from where, and when."""
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)

    (file,) = land(source, home).files

    assert tree(home / "landing") == {PLACE: BYTES}
    receipt = json.loads((home / "receipts" / f"{PLACE}.json").read_text())
    assert receipt["sha256"] == file.sha256 == hashlib.sha256(BYTES).hexdigest()
    assert receipt["size"] == file.size == len(BYTES)
    assert receipt["source"] == f"file://{source}/{PLACE}"
    received_at = dt.datetime.fromisoformat(receipt["received_at"])
    assert before <= received_at <= dt.datetime.now(dt.UTC)


def test_a_file_of_many_blocks_lands_whole(source, home):
    """Larger than any buffer, and not a multiple of one."""
    (source / PLACE).write_bytes(BYTES * 40_000 + b"end")

    land(source, home)

    assert (home / "landing" / PLACE).read_bytes() == BYTES * 40_000 + b"end"


def test_other_bytes_under_a_name_that_was_received_are_refused(source, home):
    """Even of the same size; and what was received stays."""
    land(source, home)
    (source / PLACE).write_bytes(BYTES[::-1])

    with pytest.raises(DataError, match=f"{PLACE} was received before with other by"):
        land(source, home)

    assert tree(home / "landing") == {PLACE: BYTES}


def test_other_bytes_are_refused_though_the_landed_file_was_removed(source, home):
    """The receipt remembers what the name stands for."""
    land(source, home)
    (source / PLACE).write_bytes(BYTES[::-1])
    (home / "landing" / PLACE).unlink()

    with pytest.raises(DataError, match="was received before with other bytes"):
        land(source, home)

    assert tree(home / "landing") == {}


def test_a_landed_file_that_was_removed_is_received_again(source, home):
    """Nothing is lost that the source still has."""
    land(source, home)
    (home / "landing" / PLACE).unlink()

    land(source, home)

    assert tree(home / "landing") == {PLACE: BYTES}


def test_a_file_without_receipt_gets_one_if_its_bytes_are_the_same(source, home):
    """A kill between the two leaves this; nobody else may put a file there."""
    land(source, home)
    (home / "receipts" / f"{PLACE}.json").unlink()
    land(source, home)
    assert (home / "receipts" / f"{PLACE}.json").exists()

    (home / "receipts" / f"{PLACE}.json").unlink()
    (home / "landing" / PLACE).write_bytes(b"planted")

    with pytest.raises(DataError, match="was received before with other bytes"):
        land(source, home)


@pytest.mark.parametrize("is_at_source", [True, False])
def test_a_torn_landed_file_is_refused(source, home, is_at_source):
    """Whether or not the source still has the whole one."""
    land(source, home)
    (home / "landing" / PLACE).write_bytes(BYTES[:5])
    if not is_at_source:
        (source / PLACE).unlink()

    with pytest.raises(DataError, match=rf"{PLACE} has 5 bytes, and {len(BYTES)} were"):
        land(source, home)


def test_a_landed_file_that_is_lost_everywhere_is_refused(source, home):
    """A run without it would be another run, without a word."""
    land(source, home)
    (home / "landing" / PLACE).unlink()
    (source / PLACE).unlink()

    with pytest.raises(DataError, match=f"{PLACE} is missing, and {len(BYTES)} were"):
        land(source, home)


def test_landed_bytes_that_changed_are_not_used(scene: Scene):
    """Of the same size, they would pass for what was received."""
    header = "CustomerId,TopParentId,CustomerName,Segment,Country"
    scene.deliver("customers", f"{header}\n{CUSTOMER},,,Enterprise,GB\n")
    land(scene.source, scene.home)
    landed = scene.home / "landing" / "customers" / NEXT / "two.csv"
    landed.write_bytes(landed.read_bytes().replace(b"Enterprise,GB", b"SMB,GB       "))

    message = scene.refusal()

    assert message.startswith(f"customers/{NEXT}/two.csv: its bytes under landing/")


def test_a_damaged_receipt_is_refused(source, home):
    """What it says cannot be guessed."""
    land(source, home)
    receipt = home / "receipts" / f"{PLACE}.json"
    receipt.write_text(receipt.read_text()[:40])

    with pytest.raises(DataError, match=r"two.csv.json cannot be read as a receipt"):
        land(source, home)


def test_a_file_that_vanished_from_the_source_still_counts(source, home):
    """What was received was received, though the sender cleans up."""
    landed = land(source, home)
    shutil.rmtree(source / "billing")

    again = land(source, home)

    assert again.files == landed.files
    assert again.notices == (f"{PLACE} is no longer at the source: still used",)
    assert land(source, home, dt.date(2019, 8, 4)).files == ()


def test_files_of_another_source_do_not_count(source, home, tmp_path):
    """A home may serve two sources; a run is of one."""
    land(source, home)
    other = tmp_path / "other" / "billing" / LATER
    other.mkdir(parents=True)
    (other / "three.csv").write_bytes(b"3")

    (file,) = land(tmp_path / "other", home).files

    assert file.place == f"billing/{LATER}/three.csv"


def test_deliveries_after_known_at_are_not_even_received(source, home):
    """For the run they do not exist; for the next one they may."""
    later = source / "billing" / LATER
    later.mkdir()
    (later / "three.csv").write_bytes(b"3")
    next_day = dt.date.fromisoformat(NEXT)

    assert [f.name for f in land(source, home, next_day).files] == ["two.csv"]
    assert list(tree(home / "landing")) == [PLACE]
    assert [f.name for f in land(source, home).files] == ["two.csv", "three.csv"]
    assert [f.name for f in land(source, home, next_day).files] == ["two.csv"]


def test_a_secret_feed_is_readable_by_its_owner_alone(scene: Scene):
    """Account numbers: the file 0600, and no way into its folder."""
    scene.rows("bank_accounts", REACHABLE)
    umask = os.umask(0)  # an umask that closes nothing
    try:
        scene.run()
    finally:
        os.umask(umask)

    folder = scene.home / "landing" / "bank_accounts"
    assert _mode(folder / NEXT / "two.csv") == 0o600
    assert _mode(folder) == 0o700


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_whole_home_holds_one_file_and_one_receipt_a_file(sound_home: Scene):
    """Nothing else lies in landing/, and every receipt has its file."""
    landed = tree(sound_home.home / "landing")
    receipts = tree(sound_home.home / "receipts")

    assert landed == tree(sound_home.source)
    assert {name.removesuffix(".json") for name in receipts} == set(landed)
    assert not [name for name in receipts if re.search(r"/\.", name)]
    assert sound_home.run(known_at=CUT_OFF).notices == ()
