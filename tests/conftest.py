"""What every test runs under."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
import structlog

from tests.pulling import BYTES, PLACE
from tests.scenes import scene, sound_home
from tests.sender import shelf

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["home", "quiet_logs", "scene", "shelf", "sound_home", "source"]


@pytest.fixture(autouse=True, scope="session")
def quiet_logs():
    """Keep the log of hundreds of runs out of a failure's output."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL)
    )


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
