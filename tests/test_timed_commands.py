"""The commands that are timed decide what `cashback run` decides."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks import bench
from pipelines.paths import PROJECT_DIR, SAMPLE_DIR

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from pipelines.run import PublishedRun

DECISIONS = "customer_decisions.parquet"


def timed(command: str, home: Path) -> str:
    """Run the sample by a command of `benchmarks/`; return what it says on stderr."""
    words = [sys.executable, "-m", f"benchmarks.{command}", "run"]
    done = subprocess.run(  # noqa: S603 - our own words
        [*words, "--source", str(SAMPLE_DIR), "--home", str(home)],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def decided(home: Path) -> bytes:
    """Return the decisions of the only run of a home."""
    (path,) = home.rglob(DECISIONS)
    return path.read_bytes()


def test_a_run_without_the_gate_decides_the_same(
    sample_run: PublishedRun, tmp_path: Path
) -> None:
    """What is left out is what the gate costs, and nothing else."""
    timed("without_gate", tmp_path)

    assert decided(tmp_path) == (sample_run.path / DECISIONS).read_bytes()


def test_every_stage_is_timed(sample_run: PublishedRun, tmp_path: Path) -> None:
    """A stage that is not found any more would count as nothing."""
    said = timed("stages", tmp_path)

    assert decided(tmp_path) == (sample_run.path / DECISIONS).read_bytes()
    for stage in ("pull and type", "models and rules", "rows of the page", "all of it"):
        assert f"| {stage} | " in said


def test_rounds_are_kept_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A next run, of one invoice more, decides what a first run over all decides."""
    names = ["first_run", "next_run", "first_run_without_gate"]
    words = ["--sizes", "0.02", "--files", "4", "--rounds", "1"]
    monkeypatch.setattr(sys, "argv", ["", *words, "--contestants", ",".join(names)])
    monkeypatch.setattr(bench, "DATA", tmp_path)
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "results.json")

    bench.main()

    kept = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert [one["contestant"] for one in kept] == names
    said = capsys.readouterr().out
    assert all(f"| {name} | " in said for name in names)
    assert not (tmp_path / "work").exists()
