"""Ctrl-C: the run ends soon, says so, and leaves nothing that is half done."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipelines import validated
from pipelines.campaign import campaign_tables, load_campaign
from pipelines.engine import WORKERS
from pipelines.paths import SAMPLE_DIR
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import run
from tests.scenes import tree

# The command line; the third file to be typed presses Ctrl-C.
STOPPED = """
import os, signal
from pipelines.cli import main
from pipelines.validated import ValidatedStore
whole, typed = ValidatedStore._type, []
def stopped(self, file, *rest):
    typed.append(file)
    if len(typed) == 3:
        os.kill(os.getpid(), signal.SIGINT)
    return whole(self, file, *rest)
ValidatedStore._type = stopped
main()
"""


def test_an_interrupted_run_publishes_nothing_and_can_be_run_again(
    sample_run, tmp_path
):
    """One sentence, the exit code of an interrupt, and the same bytes afterwards."""
    command = [sys.executable, "-c", STOPPED, "run", "--source", str(SAMPLE_DIR)]

    done = subprocess.run(  # noqa: S603 - our own
        [*command, "--home", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "80"},
    )

    assert done.returncode == 130
    assert done.stderr == "cashback: stopped; nothing was published.\n"
    assert not done.stdout
    assert not (tmp_path / "runs").exists()
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["gate"]
    again = run(RunRequest(str(SAMPLE_DIR), tmp_path), Progress())
    assert tree(again.path) == tree(sample_run.path)


def test_files_that_are_not_begun_are_not_waited_for(tmp_path, monkeypatch):
    """Of many files that have landed, only those that are being typed are finished."""
    begun, over = [], threading.Event()

    class Pool(ThreadPoolExecutor):
        """Lets the workers go on as soon as the pool is told to end."""

        def shutdown(self, wait=True, *, cancel_futures=False):
            super().shutdown(wait=False, cancel_futures=cancel_futures)
            over.set()
            super().shutdown(wait=wait)

    def typed(_store, file, *_):
        begun.append(file)
        over.wait()

    monkeypatch.setattr(validated, "ThreadPoolExecutor", Pool)
    monkeypatch.setattr(validated.ValidatedStore, "_type", typed)
    monkeypatch.setattr(validated.ValidatedStore, "outputs_of", lambda *_: None)
    campaign = load_campaign("d365-smb-2019")
    catalog = campaign_tables(campaign)["sku_catalog"]
    store = validated.ValidatedStore(tmp_path, campaign.catalog.sha256, catalog)

    def pull():
        with store.typing_ahead(tmp_path) as type_ahead:
            for file in range(10 * WORKERS):
                type_ahead(file)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull()

    assert len(begun) <= WORKERS
