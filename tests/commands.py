"""The command line, called as a person would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner, Result

from pipelines.cli import main
from tests.scenes import says_what_to_do

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scenes import Scene


def cashback(*arguments: str | Path) -> Result:
    """Run the command; whatever happens must end as an exit code."""
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    assert "unexpected" not in result.stderr
    return result


def refusal(result: Result, exit_code: int) -> str:
    """Return the sentence of a refusal, after a look at its form."""
    assert result.exit_code == exit_code, result.output
    assert not result.stdout
    (line,) = result.stderr.splitlines()
    assert line.startswith("cashback: ")
    assert says_what_to_do(line), line
    return line


def run_command(scene: Scene, *more: str | Path) -> Result:
    """Run a scene into its home."""
    where = ("--source", scene.source, "--home", scene.home)
    return cashback("run", *where, "--known-at", "2019-08-15", *more)
