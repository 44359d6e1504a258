"""A judge in a process of its own comes to the same as one here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pipelines import judging
from pipelines.paths import PROJECT_DIR
from tests.reference.sound import BILLED
from tests.scenes import Scene, tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs believe that the library is not imported here."""
    monkeypatch.setattr(judging, "is_imported", lambda: False)


def begun() -> list[subprocess.Popen[str]]:
    """Return the judges that wait to be asked."""
    return judging._waiting


@pytest.mark.usefixtures("apart")
def test_a_judge_apart_comes_to_the_same_bytes(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Verdicts, counts and examples, of rows that hold and of rows that do not."""
    scene.rows("billing", BILLED | {"CustomerId": "c" * 8 + BILLED["CustomerId"][8:]})
    elsewhere = scene.copy(tmp_path / "elsewhere")

    published = scene.run()
    monkeypatch.setattr(judging, "is_imported", lambda: True)
    here = Scene(scene.root, elsewhere.home).run()

    quality = json.loads((published.path / "data_quality.json").read_text())
    assert [one for one in quality["expectations"] if not one["passed"]]
    assert tree(published.path) == tree(here.path)


@pytest.mark.usefixtures("apart")
def test_a_judge_apart_refuses_in_the_same_words(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
):
    """What is critical stops the run, whoever found it."""
    rows = [BILLED | {"Quantity": str(n)} for n in range(1, 30)]
    scene.rows("billing", *rows)
    path = scene.source / "billing" / "2019-08-05" / "two.csv"
    (path.parent / "three.csv").write_bytes(path.read_bytes())

    apart = scene.refusal()
    monkeypatch.setattr(judging, "is_imported", lambda: True)

    assert apart == scene.refusal()
    assert "no_invoice_is_delivered_under_two_numbers" in apart


@pytest.mark.usefixtures("apart")
def test_a_judge_that_dies_lets_nothing_be_published(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
):
    """No verdict is no good verdict."""
    judging.begin()
    (judge,) = begun()
    judge.kill()
    judge.wait()
    scene.rows("billing", BILLED | {"Quantity": "1", "Amount": "4.00"})

    message = scene.refusal()

    assert message.startswith("the process that judges the expectations has ended")
    assert begun() == []


def test_a_judge_that_nobody_asks_ends_with_the_command(tmp_path: Path):
    """A refused run leaves no process behind."""
    code = (
        "from pipelines import judging; judging.begin();print(judging._waiting[0].pid)"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)
    assert not done.stderr
