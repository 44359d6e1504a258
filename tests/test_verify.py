"""Every byte of a run and of its inputs is held against the manifest."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from pipelines.cli import main
from pipelines.verify import verify_run
from tests.reference.sound import ASSIGNED, PROVEN
from tests.scenes import NEXT, tree

if TYPE_CHECKING:
    from pipelines.run import PublishedRun
    from tests.scenes import Scene


@pytest.fixture(scope="module")
def checked(sound_home: Scene, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Return a scene with one run, which has a control file and a quarantined row.

    A test that changes a file of it puts it back.
    """
    scene = sound_home.copy(tmp_path_factory.mktemp("checked"))
    rows = [ASSIGNED] * 19 + [ASSIGNED | {"SnapshotDate": "June"}]
    scene.rows("license_usage", *rows)
    scene.deliver("license_usage", '{"rows": 20}', "two.csv.control.json")
    scene.run()
    return scene


@pytest.fixture
def run(checked: Scene) -> PublishedRun:
    """Return the one run of the scene."""
    return checked.run()


def verify(home: Path, run: str | Path, *more: str) -> Result:
    """Return what the command says of a run."""
    result = CliRunner().invoke(main, ["verify", str(run), "--home", str(home), *more])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def test_a_run_as_it_was_published_is_right(checked: Scene, run: PublishedRun):
    """By its id, the beginning of it, or its path."""
    for name in (run.path.name, run.path.name[:6], run.path, f"{run.path}/"):
        result = verify(checked.home, name)
        assert result.exit_code == 0, result.output
        assert f"run {run.path.name}: 7 outputs and 8 inputs" in result.stdout


def test_every_file_that_a_run_rests_on_is_checked(checked: Scene, run: PublishedRun):
    """One byte less, one bit else, another length, or no file: each is found."""
    places = [
        path
        for folder in ("catalogs", "landing", "validated", "quarantine", "runs")
        for path in sorted((checked.home / folder).rglob("*"))
        if path.is_file()
    ]
    # Catalogue; outputs and manifest; landed files, one of them a count; typed rows.
    assert len(places) == 1 + 7 + 1 + 9 + 8 + 8

    for path in places:
        content = path.read_bytes()
        half = len(content) // 2
        flipped = content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :]
        for spoiled in (flipped, content[:-1], content + b"\n", None):
            path.unlink() if spoiled is None else path.write_bytes(spoiled)
            _, differences = verify_run(checked.home, run.path)
            path.write_bytes(content)

            assert len(differences) == 1, path
            assert str(path) in differences[0]


def test_what_a_snapshot_was_compared_with_is_checked(scene: Scene):
    """It decides nobody, and the quality of the run was judged by it."""
    scene.rows("proofs", PROVEN)
    published = scene.run()
    (before,) = published.manifest["compared_with"]
    path = scene.home / "landing" / before["feed"] / before["delivery"] / before["file"]
    path.write_bytes(path.read_bytes() + b"\n")

    _, differences = verify_run(scene.home, published.path)

    assert differences == [f"{path} has other bytes than were received"]


def test_any_flipped_byte_of_a_file_is_found(checked: Scene, run: PublishedRun):
    """Wherever it is: here each byte of the manifest in turn."""
    path = run.path / "manifest.json"
    content = path.read_bytes()
    try:
        for at in range(0, len(content), 97):
            path.write_bytes(
                content[:at] + bytes([content[at] ^ 32]) + content[at + 1 :]
            )
            _, differences = verify_run(checked.home, run.path)
            assert len(differences) == 1, at
            assert str(path) in differences[0]
    finally:
        path.write_bytes(content)


def test_a_stranger_among_the_files_of_a_run_is_found(checked, run):
    """Whoever reads the folder would take it for published."""
    stranger = run.path / "payout_new.csv"
    stranger.touch()

    result = verify(checked.home, run.path.name)

    stranger.unlink()
    assert result.exit_code == 1
    assert f"{stranger} is not of this run" in result.stderr
    assert "Traceback" not in result.output


def test_differences_are_listed_as_json(checked: Scene, run: PublishedRun):
    """All of them, in one document."""
    lost = checked.home / "landing" / "customers" / "2019-08-01" / "one.csv"
    content = lost.read_bytes()
    lost.unlink()
    result = verify(checked.home, run.path.name, "--json")
    lost.write_bytes(content)

    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "run_id": run.path.name,
        "path": str(run.path),
        "differences": [f"{lost} is missing"],
    }
    healed = verify(checked.home, run.path.name, "--json")
    assert healed.exit_code == 0
    assert json.loads(healed.stdout)["differences"] == []


def test_a_run_without_manifest_is_a_difference(checked: Scene, run: PublishedRun):
    """Its folder is known, by id or path; what it should be is not."""
    manifest = run.path / "manifest.json"
    content = manifest.read_bytes()
    manifest.unlink()
    results = [verify(checked.home, name) for name in (run.path.name, run.path)]
    manifest.write_bytes(content)

    for result in results:
        assert result.exit_code == 1
        assert f"{manifest} cannot be read as a manifest" in result.stderr


@pytest.mark.parametrize(
    "name", ["", "0000", "nosuch", "*", "**", "[a-f]*", "..", "/", "x" * 5000, "\udce9"]
)
def test_an_unknown_run_is_a_slip(checked: Scene, name: str):
    """A pattern names no run either, not even the only one."""
    result = verify(checked.home, name)

    assert result.exit_code == 2
    assert "no run named" in result.stderr
    assert "nothing was checked" in result.stderr
    assert not result.stdout


def test_the_beginning_of_two_ids_is_a_slip(checked: Scene, run: PublishedRun):
    """Nothing is checked that was not meant."""
    twin = run.path.with_name(run.path.name[:8] + "0" * 24)
    shutil.copytree(run.path, twin)
    result = verify(checked.home, run.path.name[:8])
    shutil.rmtree(twin)

    assert result.exit_code == 2
    assert f"2 runs named '{run.path.name[:8]}'" in result.stderr


def test_a_run_under_another_id_is_a_difference(checked: Scene, run: PublishedRun):
    """A whole run that was renamed is not the run of that name."""
    other = run.path.with_name("0" * 32)
    run.path.rename(other)
    result = verify(checked.home, other.name)
    other.rename(run.path)

    assert result.exit_code == 1
    assert f"{other} holds the run {run.path.name}" in result.stderr


def test_a_run_given_by_path_is_checked_in_its_own_home(
    checked: Scene, run: PublishedRun, tmp_path: Path, monkeypatch
):
    """Whatever --home says; a copy elsewhere is checked against --home."""
    monkeypatch.chdir(run.path.parent)
    assert verify(tmp_path, run.path.name).exit_code == 0

    copied = Path(shutil.copytree(run.path, tmp_path / "for the auditors"))

    assert verify(checked.home, copied).exit_code == 0
    assert verify(tmp_path, copied).exit_code == 1


def test_rows_that_a_later_version_typed_anew_are_no_difference(
    checked: Scene, run: PublishedRun
):
    """The decisions of the run stay as they were; its typed rows are a memory."""
    place = f"license_usage/{NEXT}/two.csv.json"
    memory = checked.home / "typed" / place
    typed = checked.home / "validated" / "license_usage" / f"delivery={NEXT}"
    before = {path: path.read_bytes() for path in (memory, typed / "two.csv.parquet")}
    anew = json.loads(before[memory])
    shutil.copy(typed.with_name("delivery=2019-08-01") / "one.csv.parquet", typed / "x")
    (typed / "x").rename(typed / "two.csv.parquet")
    _, differences = verify_run(checked.home, run.path)
    assert len(differences) == 1

    anew["facts"]["validated_sha256"] = _sha256(typed / "two.csv.parquet")
    memory.write_text(json.dumps(anew))
    _, differences = verify_run(checked.home, run.path)
    for path, content in before.items():
        path.write_bytes(content)

    assert differences == []


def _sha256(path: Path) -> str:
    from pipelines.files import sha256_of_file

    return sha256_of_file(path)


def test_verifying_changes_nothing(checked: Scene, run: PublishedRun):
    """It may run beside anything else."""
    before = tree(checked.home)

    verify(checked.home, run.path.name)

    assert tree(checked.home) == before
