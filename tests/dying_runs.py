"""Runs that die at a chosen step, or race: each in a process of its own.

``python -m tests.dying_runs die|race SOURCE BASE OUT`` runs once and forks, so that
everything is imported and a run costs no more than itself. What comes out is for a test
to judge.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import json
import logging
import multiprocessing
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

import pipelines.run as run_module
from pipelines.progress import Progress
from pipelines.request import RunRequest
from pipelines.run import PublishedRun, run
from tests.trusting import trusted

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.synchronize import Barrier

KNOWN_AT = dt.date(2019, 8, 15)
# What makes a file seen or gone: between two of these nobody sees a difference.
STEPS = ("link", "rename", "replace", "rmdir")
RACERS = 2


def start(job: Callable[[], Any]) -> int:
    """Start *job* in a fork; return its process id."""
    process = os.fork()
    if process:
        return process
    ended = 1
    try:
        job()
        ended = 0
    finally:
        os._exit(ended)


def wait(process: int) -> int:
    """Return how a process ended: its exit code, or minus its signal."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def run_into(source: Path, home: Path) -> PublishedRun:
    """Run at the cut-off of the sound extracts."""
    return run(RunRequest(str(source), home, known_at=KNOWN_AT), Progress())


def die_at(step: int) -> None:
    """Let this process be killed as it is about to take its step number *step*."""
    taken = itertools.count(1)

    def deadly(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            if next(taken) == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)

        return call

    for name in STEPS:
        setattr(os, name, deadly(getattr(os, name)))


def die(source: Path, base: Path, out: Path) -> None:
    """Kill a run at each of its steps, until one survives; start each once more."""
    warm_up(source, base, out)
    for step in itertools.count(1):
        killed, again = out / f"{step:02}" / "killed", out / f"{step:02}" / "again"
        shutil.copytree(base, killed)
        if wait(start(functools.partial(_run_and_die, step, source, killed))) == 0:
            break
        shutil.copytree(killed, again)
        ended = wait(start(functools.partial(run_into, source, again)))
        (out / f"{step:02}" / "ended").write_text(str(ended))


def _run_and_die(step: int, source: Path, home: Path) -> None:
    die_at(step)
    run_into(source, home)


def race(source: Path, base: Path, out: Path) -> None:
    """Let runs land and publish at the very same moments, into one home."""
    home = shutil.copytree(base, out / "home")
    together = multiprocessing.get_context("fork").Barrier(RACERS)
    racers = [
        start(functools.partial(_run_and_race, together, source, home, out / f"{n}"))
        for n in range(RACERS)
    ]
    (out / "ended").write_text(json.dumps([wait(racer) for racer in racers]))


def _run_and_race(together: Barrier, source: Path, home: Path, told: Path) -> None:
    for module, name in ((os, "link"), (run_module, "publish_folder")):
        setattr(module, name, _after(together, getattr(module, name)))
    published = run_into(source, home)
    told.write_text(json.dumps([published.path.name, published.is_new]))


def _after(together: Barrier, real: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        together.wait(timeout=60)
        return real(*arguments, **options)

    return call


def warm_up(source: Path, base: Path, out: Path) -> None:
    """Run once here: what a first run has to get ready, no fork has to again."""
    home = out.with_name("warm")
    shutil.copytree(base, home)
    run_into(source, home)
    shutil.rmtree(home)


if __name__ == "__main__":
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL)
    )
    with trusted():
        {"die": die, "race": race}[sys.argv[1]](*map(Path, sys.argv[2:]))
