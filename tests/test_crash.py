"""A run that was killed at any moment, and started again, ends with the same bytes."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from pipelines.errors import DifferenceError
from pipelines.files import working_folder
from pipelines.paths import PROJECT_DIR
from pipelines.publish import publish_folder
from pipelines.verify import verify_run
from tests.reference.sound import ASSIGNED, REACHABLE
from tests.scenes import NEXT, Scene, leftovers, published, tree

if TYPE_CHECKING:
    from pathlib import Path


def play(what: str, scene: Scene, out: Path) -> None:
    """Let runs of the scene die, or race, in processes of their own."""
    subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-m", "tests.dying_runs", what, scene.source, scene.home, out],
        cwd=PROJECT_DIR,
        check=True,
        timeout=600,
    )


def lasting(home: Path) -> dict[str, bytes | dict[str, str]]:
    """Return all that a home keeps, apart from when it was received.

    A name with a dot in front is a draft: no reader looks at it. Facts say when the
    disk was written; whatever is missing of them is computed again.
    """
    kept: dict[str, bytes | dict[str, str]] = {}
    for name, content in tree(home).items():
        if name.startswith("receipts/"):
            kept[name] = json.loads(content) | {"received_at": "once"}
        elif not name.startswith(("facts/", "work/")) and "/." not in name:
            kept[name] = content
    return kept


@pytest.fixture(scope="module")
def dead(sound_home: Scene, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of runs that were killed, one for every step of a run."""
    root = tmp_path_factory.mktemp("dead")
    scene = sound_home.copy(root)
    scene.rows("bank_accounts", REACHABLE)
    play("die", scene, root / "out")
    scene.run()
    return root


def test_a_run_that_was_killed_ends_with_the_same_bytes(dead: Path):
    """At any of its steps, and though its file was new."""
    undisturbed = lasting(dead / "home")
    deaths = sorted((dead / "out").glob("*/ended"))
    # Its link, receipt, typed rows, memory, publishing and cleaning up at least.
    assert len(deaths) >= 8

    for ended in deaths:
        assert ended.read_text() == "0", ended
        again = ended.with_name("again")
        assert lasting(again) == undisturbed, ended
        assert leftovers(again) == []


def test_a_run_that_was_killed_leaves_nothing_half_done_to_be_seen(dead: Path):
    """What is landed, has a receipt, is typed or published is whole."""
    whole = tree(dead / "source")
    seen = {"landed": 0, "published": 0}
    for killed in sorted((dead / "out").glob("*/killed")):
        landed = tree(killed / "landing")
        assert landed.items() <= whole.items(), killed
        for receipt, content in tree(killed / "receipts").items():
            promised = json.loads(content)["sha256"]
            kept = landed[receipt.removesuffix(".json")]
            assert hashlib.sha256(kept).hexdigest() == promised
        for rows in [*killed.glob("validated/*/*/*"), *killed.glob("quarantine/*/*/*")]:
            assert pq.ParquetFile(rows).metadata.num_columns
        for manifest in killed.glob("runs/*/*/*/manifest.json"):
            assert verify_run(killed, manifest.parent)[1] == []
        runs = [path for path in killed.glob("runs/*/*/*") if path.is_dir()]
        assert len(runs) == len(list(killed.glob("runs/*/*/*/manifest.json")))
        seen["landed"] += f"bank_accounts/{NEXT}/two.csv" in landed
        seen["published"] += bool(runs)
    # Some died before and some after.
    assert 0 < seen["published"] < seen["landed"] < len(list((dead / "out").iterdir()))


def test_secrets_of_a_killed_run_lie_behind_a_closed_door(dead: Path):
    """Its drafts may hold account numbers until the next run sweeps them."""
    folders = [
        path
        for killed in (dead / "out").glob("*/killed")
        for path in leftovers(killed)
        if path.is_dir()
    ]

    assert folders
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}


def test_two_runs_at_once_publish_one_run(scene: Scene, tmp_path: Path):
    """Both end well, though they land and publish at the very same moment."""
    scene.rows("license_usage", ASSIGNED)
    out = tmp_path / "out"
    out.mkdir()
    play("race", scene, out)
    told = [json.loads((out / f"{racer}").read_text()) for racer in range(2)]

    assert json.loads((out / "ended").read_text()) == [0, 0]
    assert {name for name, _ in told} == {scene.run().path.name}
    assert sorted(is_new for _, is_new in told) == [False, True]
    assert lasting(out / "home") == lasting(scene.home)
    assert leftovers(out / "home") == []


def test_a_sweep_takes_what_is_dead_and_leaves_what_lives(tmp_path: Path):
    """A run beside this one keeps its folder; of a killed one nothing stays."""
    with working_folder(tmp_path) as living:
        (living / "draft").touch()
        for name in ("dead", "dead.lock", "unlocked"):
            path = tmp_path / "work" / name
            path.touch() if name.endswith(".lock") else path.mkdir()
        (tmp_path / "work" / "dead" / "draft").touch()

        with working_folder(tmp_path) as second:
            assert {path.name for path in leftovers(tmp_path)} == {
                living.name,
                f"{living.name}.lock",
                second.name,
                f"{second.name}.lock",
            }

        assert (living / "draft").exists()
    assert leftovers(tmp_path) == []


def test_a_run_is_published_once_with_the_same_bytes_or_refused(scene: Scene):
    """A second result of the same inputs would be a defect, and must not pass."""
    run = scene.run()
    before = published(scene.home)
    draft = scene.root / "draft"
    draft.mkdir()
    for name, content in tree(run.path).items():
        (draft / name).write_bytes(content)
    assert publish_folder(draft, run.path) is False

    (draft / "manifest.json").write_text("{}")
    with pytest.raises(DifferenceError, match="another result of the same inputs"):
        publish_folder(draft, run.path)

    (run.path / "report.html").write_text("better")
    with pytest.raises(DifferenceError, match=r"has changed since: .*report\.html"):
        publish_folder(draft, run.path)

    assert published(scene.home) == before
