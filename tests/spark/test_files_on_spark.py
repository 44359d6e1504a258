"""Invoices that Spark's workers type: the bytes of any other, whatever happens."""

from __future__ import annotations

import sys

import pytest

from pipelines.campaign import campaign_tables, load_campaign
from pipelines.deliveries import choose
from pipelines.errors import DataError
from pipelines.files import working_folder
from pipelines.landing import pull
from pipelines.paths import SAMPLE_DIR
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import run
from pipelines.source import Source
from pipelines.spark.files_on_spark import WORKER_SETTING, shared_home, typing_job
from pipelines.validated import ValidatedStore
from tests.scenes import tree

# Kills itself the first time that it would remember a file, whose rows are there then.
DYING = """
import os, runpy, signal
from pathlib import Path
from pipelines import validated

write = validated.write_atomically

def die_once(*what):
    try:
        Path({died!r}).mkdir()
    except FileExistsError:
        return write(*what)
    os.kill(os.getpid(), signal.SIGKILL)

validated.write_atomically = die_once
runpy.run_module("pipelines.spark.typing_worker", run_name="__main__")
"""


@pytest.fixture
def dying(tmp_path, monkeypatch):
    """Make workers die once; return what is there when one has."""
    died = tmp_path / "died"
    program, python = tmp_path / "dying.py", tmp_path / "python"
    program.write_text(DYING.format(died=str(died)), encoding="utf-8")
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{program}"\n', "utf-8")
    python.chmod(0o755)
    monkeypatch.setenv(WORKER_SETTING, str(python))
    return died


def test_a_worker_that_is_killed_is_asked_again(
    dying, run_jobs, sample_run, sample_home, tmp_path
):
    """Spark tries a task once more; what the first one left does no harm."""
    assert sample_run.is_new
    home = tmp_path / "home"
    campaign = load_campaign("d365-smb-2019")
    catalog = campaign_tables(campaign)["sku_catalog"]
    store = ValidatedStore(home, campaign.catalog.sha256, catalog)
    with working_folder(home) as work:
        landing = pull(Source(str(SAMPLE_DIR)), home, None, work, Progress())
    invoices = choose(landing.files, None).of("billing")

    where = shared_home(store, tmp_path)
    run_jobs([typing_job("local[2,2]", store, invoices, where)])

    assert dying.exists()
    for folder in ("typed", "validated", "quarantine"):
        typed_there = tree(home / folder / "billing")
        assert typed_there == tree(sample_home / folder / "billing")


def test_a_worker_that_fails_ends_the_run(place, tmp_path, monkeypatch):
    """The sentence names the file and the reason; the next run goes on."""
    monkeypatch.setenv(WORKER_SETTING, "/no/python/here")
    request = RunRequest(str(SAMPLE_DIR), tmp_path, spark=place)

    with pytest.raises(DataError, match=r"Spark at .*No such file.*nothing was publ"):
        run(request, Progress())

    assert not (tmp_path / "runs").exists()
