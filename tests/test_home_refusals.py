"""A home that cannot be used, whatever the reason, and homes of any name."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pipelines.paths import PROJECT_DIR
from tests.commands import cashback, refusal, run_command
from tests.reference.sound import ASSIGNED
from tests.scenes import leftovers, published

if TYPE_CHECKING:
    from tests.scenes import Scene


@pytest.mark.parametrize("home", ["/dev/null/home", "x" * 300, "caf\udce9"])
def test_a_home_that_cannot_be_made_ends_with_four(sound_home, home) -> None:
    """It is a setting, and it is wrong."""
    where = sound_home.root / home

    line = refusal(cashback("run", "--source", sound_home.source, "--home", where), 4)

    assert "cannot be used" in line
    assert "nothing was published" in line


def test_a_home_that_may_not_be_written_ends_with_four(scene, monkeypatch) -> None:
    """As on a disk that is mounted to be read only."""
    make = os.mkdir

    def refuse(path: str, *arguments: object, **options: object) -> None:
        if str(path).startswith(str(scene.home)):
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        make(path, *arguments, **options)

    monkeypatch.setattr(os, "mkdir", refuse)

    line = refusal(run_command(scene), 4)

    assert f"{scene.home} cannot be used (Read-only file system: " in line
    assert not published(scene.home)


FULL_DISK = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
from pipelines.cli import main
main()
"""


@pytest.mark.parametrize("room", ["0", "1500", "8000"])
def test_a_disk_without_room_ends_with_four(scene: Scene, room: str) -> None:
    """In the landing, in the typing or in the run; and with room all is well again."""
    scene.rows("license_usage", ASSIGNED)
    where = ["--source", scene.source, "--home", scene.home]
    date = ["--known-at", "2019-08-15"]

    ended = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", FULL_DISK, room, "run", *where, *date],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 4, ended.stderr
    assert "cannot be used (" in ended.stderr
    assert "nothing was published" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert "{" not in ended.stderr
    assert not published(scene.home)
    assert run_command(scene).exit_code == 0
    assert leftovers(scene.home) == []


def test_the_home_may_be_a_setting_of_the_shell(scene: Scene, monkeypatch) -> None:
    """As a scheduler sets it."""
    monkeypatch.setenv("CASHBACK_HOME", str(scene.home))

    assert cashback("run", "--source", scene.source).exit_code == 0
    assert published(scene.home)


def test_a_home_of_any_name_is_used(sound_home: Scene, tmp_path) -> None:
    """Quotes, blanks and patterns in a path mean nothing, nor does a terminal's set."""
    home = tmp_path / 'a\'b "c" %d' / "[x]*?" / "ü;$(x)" / "as_of=1"
    where = ["--source", sound_home.source, "--home", home]

    ended = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-m", "pipelines.cli", "run", *where],
        cwd=PROJECT_DIR,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (0, b"")
    assert published(home)
