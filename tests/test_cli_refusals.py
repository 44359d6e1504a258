"""The command line: one sentence, the right exit code, and never a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from tests.commands import cashback, refusal, run_command
from tests.scenes import published

if TYPE_CHECKING:
    from tests.scenes import Scene

RUN_KEYS = {
    "run_id",
    "path",
    "campaign_id",
    "as_of",
    "known_at",
    "candidates",
    "qualified",
    "pending",
    "not_qualified",
    "earned",
    "payable",
    "rows",
}


def test_a_run_prints_one_json_document_with_its_figures(scene: Scene) -> None:
    """Money is text with two decimals; rows add up per feed."""
    result = run_command(scene, "--json")

    summary = json.loads(result.stdout)
    assert result.exit_code == 0
    assert summary.keys() >= RUN_KEYS
    assert (summary["earned"], summary["payable"]) == ("2000.00", "2000.00")
    assert summary["campaign_id"] == "d365-smb-2019"
    assert (summary["as_of"], summary["known_at"]) == ("2019-06-30", "2019-08-15")
    assert [summary[key] for key in ("candidates", "qualified", "pending")] == [1, 1, 0]
    assert summary["rows"]["partners"] == {"read": 2, "validated": 2, "quarantined": 0}
    assert (Path(summary["path"]) / "manifest.json").exists()


def test_a_run_prints_a_short_summary_for_people(scene: Scene) -> None:
    """Twice the same: the second time it is published already."""
    first, second = run_command(scene), run_command(scene)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "2,000.00 USD" in first.stdout
    assert len(first.stdout.splitlines()) < 20
    assert " already published, nothing changed" in second.stdout
    assert not first.stderr
    assert not second.stderr


def test_what_is_odd_at_the_source_is_told(scene: Scene) -> None:
    """A delivery in a folder that is none would else be missed for weeks."""
    (scene.source / "billing" / "2019-13-01").mkdir()

    assert (
        "note: billing/2019-13-01 is no delivery: not read" in run_command(scene).stdout
    )
    notices = json.loads(run_command(scene, "--json").stdout)["notices"]
    assert notices == ["billing/2019-13-01 is no delivery: not read"]


def test_a_name_that_no_terminal_can_show_is_no_failure(scene: Scene) -> None:
    """It is shown as well as may be."""
    (scene.source / "billing" / "caf\udce9").mkdir()

    result = run_command(scene)

    assert result.exit_code == 0
    assert "note: billing/caf\\udce9 is no delivery: not read" in result.stdout


def test_data_that_is_refused_ends_with_three(scene: Scene) -> None:
    """And prints no JSON, even if asked."""
    scene.deliver("customers", "")

    line = refusal(run_command(scene, "--json"), 3)

    assert "customers/2019-08-05/two.csv: it is empty" in line


SOURCES = [
    "nowhere",
    "/dev/null",
    "~nobody/there",
    "nosuch://host/in",
    "zip://in::nowhere.zip",
    "ftp://me:pass@127.0.0.1:1/in",
    "http://[::1",
    "memory://nothing/here",
    "reference://",
    "data:,x",
    "a::b",
]


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_that_cannot_be_read_ends_with_three(tmp_path, source) -> None:
    """Whatever the library behind the address may raise."""
    result = cashback("run", "--source", source, "--home", tmp_path / "home")

    line = refusal(result, 3)

    assert "nothing was published" in line
    assert "me:pass" not in line


USAGE = {
    "no such option": ["--when", "now"],
    "a date of another style": ["--as-of", "30.06.2019"],
    "a date that is none": ["--known-at", "2019-02-30"],
    "a share that is none": ["--max-quarantine-share", "a lot"],
    "a share above 1": ["--max-quarantine-share", "1.01"],
    "a share below 0": ["--max-quarantine-share", "-0.01"],
    "a share that is no number": ["--max-quarantine-share", "nan"],
    "an endless share": ["--max-quarantine-share", "Infinity"],
    "a home that is a file": ["--home", __file__],
    "a blank home": ["--home", ""],
    "a blank source": ["--source", ""],
    "a source of bytes": ["--source", "caf\udce9"],
}


@pytest.mark.parametrize("slip", USAGE)
def test_a_slip_of_the_command_line_ends_with_two(tmp_path, slip) -> None:
    """The message names the option."""
    option, value = USAGE[slip]

    result = cashback("run", "--home", tmp_path / "home", option, value)

    assert result.exit_code == 2
    assert option in result.stderr
    assert not result.stdout
    assert not published(tmp_path / "home")


@pytest.mark.parametrize("campaign", ["", "d365-smb-2020", "../x", "/", "caf\udce9"])
def test_a_campaign_that_is_none_ends_with_four(tmp_path, campaign) -> None:
    """Before anything is read or made."""
    result = cashback("run", "--home", tmp_path / "home", "--campaign", campaign)

    assert result.exit_code == 4
    assert "no run was started" in result.stderr
    assert not (tmp_path / "home").exists()


def test_a_changed_run_ends_with_one(scene: Scene) -> None:
    """Neither verify nor another run passes over it."""
    run = scene.run()
    (run.path / "report.html").write_text("better")

    line = refusal(run_command(scene), 1)
    assert "report.html has other bytes than were published" in line

    checked = cashback("verify", run.path.name, "--home", scene.home)
    assert checked.exit_code == 1
    assert "report.html has other bytes than were published" in checked.stderr


def test_help_and_version_say_what_there_is() -> None:
    """Every command is listed, with the exit codes."""
    shown = cashback("--help")

    assert shown.exit_code == 0
    assert {"run", "verify"} <= {line.split()[0] for line in shown.stdout.split("\n  ")}
    assert "Exit codes" in shown.stdout
    assert cashback("--version").exit_code == 0
    assert cashback().exit_code == 2
    assert cashback("rum").exit_code == 2


def test_a_defect_is_one_sentence_too(scene: Scene, monkeypatch) -> None:
    """With the way to see where it is."""

    def fail(*_: object) -> None:
        message = "the roof\nfell in"
        raise RuntimeError(message)

    monkeypatch.setattr("pipelines.run.choose", fail)

    where = ["--source", str(scene.source), "--home", str(scene.home)]
    result = CliRunner().invoke(main, ["run", *where])

    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert "unexpected RuntimeError: the roof; nothing was published" in line
    assert "CASHBACK_DEBUG=1" in line
