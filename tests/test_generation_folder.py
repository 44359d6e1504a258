"""A generated campaign appears whole or not at all, and in little memory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.generation import Order, generate
from tests.generated import files_of, python

NORTHWIND = Path(__file__).parent / "data" / "campaigns" / "northwind-spring-2026.yaml"

MEASURE = """
import resource, sys
from pathlib import Path
from pipelines.generation import Order, generate
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
generate(Order(1_100, 1, Path(sys.argv[1]) / "small", billing_lines=20_000))
before = peak()
generate(Order(1_100, 1, Path(sys.argv[1]) / "big", billing_lines=220_000))
print(peak() - before)
"""


def test_memory_does_not_grow_with_the_lines(tmp_path):
    """A hundred megabytes more are written within a tenth of that in memory."""
    result = python(MEASURE, tmp_path)

    written = sum(len(content) for content in files_of(tmp_path / "big").values())
    assert written > 100_000_000
    # In kilobytes: what waits to be written, for each of the months.
    assert int(result.stdout) < 40_000


def test_a_folder_with_content_is_refused(tmp_path):
    """What is there stays as it is; the message says what to do."""
    (tmp_path / "mine.txt").write_text("keep me")

    result = CliRunner().invoke(
        main, ["generate", "--customers", "3", "--out", str(tmp_path)]
    )

    assert result.exit_code == 2
    assert "is not an empty folder; nothing was generated" in result.output
    assert files_of(tmp_path) == {"mine.txt": b"keep me"}


def test_an_empty_folder_is_filled(tmp_path):
    """The summary on stdout names what was written, as JSON if asked."""
    result = CliRunner().invoke(
        main, ["generate", "--customers", "2", "--out", str(tmp_path), "--json"]
    )

    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout)
    assert summary["customers"] == 2
    assert summary["path"] == str(tmp_path)
    assert len(files_of(tmp_path / "billing")) > 10


@pytest.mark.parametrize("how", ["raise KeyboardInterrupt", "os._exit(9)"])
def test_a_generation_that_is_stopped_leaves_nothing_that_looks_whole(how, tmp_path):
    """Not even after a kill; and the next one clears away what was left."""
    script = (
        "import os, sys; from pathlib import Path; "
        "from pipelines.generation import Order, writing\n"
        "class Stopped(writing.Casting):\n"
        "    def partner(self, number):\n"
        f"        {how}\n"
        "writing.Casting = Stopped\n"
        "writing.generate(Order(10, 1, Path(sys.argv[1])))"
    )
    out = tmp_path / "out"
    stopped = python(script, out)
    assert stopped.returncode != 0
    assert not out.exists()

    generate(Order(10, 1, out))

    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_campaign_too_short_for_the_stories_is_refused(tmp_path):
    """The refusal names the campaign and leaves nothing behind."""
    text = NORTHWIND.read_text(encoding="utf-8")
    short = text.replace(
        "first_day: {value: 2026-03-01", "first_day: {value: 2026-05-01"
    )
    short = short.replace(
        "first_date: {value: 2026-03-01", "first_date: {value: 2026-05-01"
    )
    catalog = NORTHWIND.parent / "northwind_catalog.csv"
    short = short.replace("value: northwind_catalog.csv", f"value: {catalog}")
    path = tmp_path / "short.yaml"
    path.write_text(short, encoding="utf-8")
    arguments = ["generate", "--customers", "3", "--out", str(tmp_path / "out")]

    result = CliRunner().invoke(main, [*arguments, "--campaign", str(path)])

    assert result.exit_code == 4
    assert "lasts 31 days" in result.output
    assert not (tmp_path / "out").exists()
