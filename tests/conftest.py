"""What every test runs under."""

from __future__ import annotations

import contextlib
import logging
import signal
from typing import TYPE_CHECKING

import pytest
import structlog

from pipelines import judging
from tests.pulling import BYTES, PLACE
from tests.scenes import scene, sound_home
from tests.sender import shelf
from tests.trusting import TRUSTING, trusted

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.run import PublishedRun

__all__ = ["home", "quiet_logs", "scene", "shelf", "sound_home", "source"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let ``make golden`` accept what a run of the sample now gives."""
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the expected results of the sample anew instead of comparing",
    )


@pytest.fixture(autouse=True, scope="session")
def quiet_logs():
    """Keep the log of hundreds of runs out of a failure's output."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL)
    )


@pytest.fixture(autouse=True, scope="session")
def heeds_interrupts():
    """Let what tests start be interrupted, though a shell put them in the background.

    Such a shell has them ignore it, and all that they start.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def judged_here():
    """Import what judges once, and not in a process of its own for each run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "is_imported", lambda: True)
        yield


@pytest.fixture(autouse=True, scope="module")
def trusted_where_it_is_named(request: pytest.FixtureRequest):
    """Leave the library out where a test is not about it; what all share is judged."""
    with contextlib.ExitStack() as stack:
        if request.module.__name__ in TRUSTING:
            stack.enter_context(trusted())
        yield


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory):
    """A home in which the shipped sample is landed and validated once."""
    return tmp_path_factory.mktemp("sample_home")


@pytest.fixture(scope="session")
def sample_run(sample_home) -> PublishedRun:
    """The default run: the shipped campaign over the shipped sample."""
    from pipelines.paths import SAMPLE_DIR
    from pipelines.progress import Progress
    from pipelines.request import RunRequest
    from pipelines.run import run

    return run(RunRequest(str(SAMPLE_DIR), sample_home), Progress())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a source of one file."""
    path = tmp_path / "source" / PLACE
    path.parent.mkdir(parents=True)
    path.write_bytes(BYTES)
    return tmp_path / "source"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return the place of a home that is not there yet."""
    return tmp_path / "home"
