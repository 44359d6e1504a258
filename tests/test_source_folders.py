"""What is read of a source: files of any name, links, and nothing but deliveries."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from typing import TYPE_CHECKING

import fsspec
import pytest

from pipelines.errors import DataError, SourceError
from tests.pulling import BYTES, PLACE, land
from tests.scenes import LATER, NEXT

if TYPE_CHECKING:
    from tests.scenes import Scene

ODD_NAMES = [
    "a[1].csv",
    "b'.csv",
    'c".csv',
    "d e .csv",
    "é*?.csv",
    "$(f).CSV",
    "g#%20;&.csv",
    "h\\.csv",
    "-i.csv",
    "~j.csv",
    "k::l.csv",
    "x" * 240 + ".csv",
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_file_of_any_name_is_read(scene: Scene, name: str):
    """Quotes, blanks and patterns in a name mean nothing."""
    source = scene.source / "customers" / "2019-08-01" / "one.csv"
    shutil.copy(source, source.with_name(name))

    run = scene.run()

    assert run.manifest["rows"]["customers"]["read"] == 2
    assert name in [item["file"] for item in run.manifest["inputs"]]
    assert (scene.home / f"landing/customers/2019-08-01/{name}").exists()


@pytest.mark.parametrize("name", [b"caf\xe9.csv", b"two\nlines.csv", b"bell\x07.csv"])
def test_a_name_that_no_one_can_type_is_refused(source, home, name):
    """The message shows the name without repeating it raw."""
    path = os.path.join(os.fsencode(source / "billing" / NEXT), name)  # noqa: PTH118 - bytes
    with open(path, "wb"):  # noqa: PTH123 - a name of bytes
        pass

    with pytest.raises(DataError, match="has a name that is not UTF-8") as refused:
        land(source, home)

    assert str(refused.value).isascii()
    assert str(refused.value).isprintable()


def test_links_are_what_they_lead_to(source, home, tmp_path):
    """A feed, a delivery or a file may lie elsewhere."""
    (source / "billing").rename(tmp_path / "elsewhere")
    (source / "billing").symlink_to(tmp_path / "elsewhere")
    day = tmp_path / "a day"
    day.mkdir()
    (source / "billing" / LATER).symlink_to(day)
    (day / "three.csv").symlink_to(source / PLACE)

    assert [f.place for f in land(source, home).files] == [
        PLACE,
        f"billing/{LATER}/three.csv",
    ]
    assert not (home / "landing/billing" / LATER / "three.csv").is_symlink()


@pytest.mark.parametrize("kind", ["a link to nothing", "a pipe"])
def test_what_is_no_file_is_refused(source, home, kind):
    """A lost invoice is no invoice less; a pipe would be waited for, for ever."""
    path = source / "billing" / NEXT / "three.csv"
    if kind == "a pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(source / "nowhere")

    with pytest.raises(SourceError, match=r"three.csv cannot be read \(neither a file"):
        land(source, home)


def test_what_is_no_delivery_is_noted_and_not_read(source, home):
    """Such folders are often a slip of the sender."""
    for folder in ("2019-13-01", "20190801", "latest", f"{NEXT}/billing/{LATER}"):
        (source / "billing" / folder).mkdir(parents=True)
        (source / "billing" / folder / "x.csv").write_bytes(b"x")
    (source / "billing" / "billing" / LATER).mkdir(parents=True)
    (source / "billing" / "billing" / LATER / "x.csv").write_bytes(b"x")
    (source / "billing" / "loose.csv").write_bytes(b"x")
    (source / "billing" / LATER).write_bytes(b"a file where a folder should be")
    (source / "billing" / "2019-01-01").mkdir()

    landing = land(source, home)

    assert [file.place for file in landing.files] == [PLACE]
    assert [notice.split()[0] for notice in landing.notices] == [
        f"billing/{NEXT}/billing/",
        f"billing/{LATER}",
        "billing/2019-13-01",
        "billing/20190801",
        "billing/billing",
        "billing/latest",
        "billing/loose.csv",
    ]


def test_the_same_folder_is_the_same_source_however_it_is_named(
    source, home, monkeypatch
):
    """Nothing is taken for lost because a command was started elsewhere."""
    landed = land(source, home)
    monkeypatch.chdir(source.parent)
    (source / PLACE).unlink()

    for uri in ("source", "./source/", "x/../source", f"file://{source}", f"{source}/"):
        assert land(uri, home).files == landed.files, uri


def test_any_filesystem_that_fsspec_knows_is_a_source(scene: Scene):
    """The same bytes from elsewhere are the same run."""
    memory = fsspec.filesystem("memory")
    memory.put(str(scene.source), "/campaign", recursive=True)
    try:
        run = scene.run(source="memory://campaign")
    finally:
        memory.rm("/campaign", recursive=True)

    assert run.path.name == scene.run().path.name
    assert run.manifest["control_totals"]["customer_decisions"]["qualified"] == "1"


def test_an_archive_is_a_source(source, home, tmp_path):
    """Chained addresses work, and are named whole in receipts."""
    archive = shutil.make_archive(str(tmp_path / "all"), "zip", source)

    (file,) = land(f"zip::{archive}", home).files

    assert file.sha256 == hashlib.sha256(BYTES).hexdigest()
    receipt = json.loads((home / "receipts" / f"{PLACE}.json").read_text())
    assert receipt["source"] == f"zip::{archive}/{PLACE}"
