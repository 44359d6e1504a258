"""What every test runs under."""

from __future__ import annotations

import logging

import pytest
import structlog

from tests.scenes import scene, sound_home

__all__ = ["quiet_logs", "scene", "sound_home"]


@pytest.fixture(autouse=True, scope="session")
def quiet_logs():
    """Keep the log of hundreds of runs out of a failure's output."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL)
    )
