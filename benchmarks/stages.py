"""The command cashback, which says on stderr how long each of its stages took.

``python -m benchmarks.stages run --source … --home …``. Processor time is that of the
whole process meanwhile: pulling and typing go on side by side. The judge's, in its own
process, is not in it.
"""

from __future__ import annotations

import functools
import resource
import sys
import time
from typing import Any

from pipelines import builders, judging, run
from pipelines.cli import main
from pipelines.kept_facts import KeptFacts

STARTED = time.perf_counter()
# What a stage is called, and the function that is all of it.
STAGES: tuple[tuple[str, Any, str], ...] = (
    ("read the terms", run, "load_campaign"),
    ("pull and type", run, "prepared"),
    ("open what was typed", run.Job, "validated"),
    ("facts of invoices", KeptFacts, "build"),
    ("tables of the gate", run, "build_quality_tables"),
    ("ask the judge", judging.JudgeApart, "ask"),
    ("models and rules", builders, "build_models"),
    ("write the tables", run, "write_table"),
    ("questions of the page", run, "answered"),
    ("audits", run, "run_audits"),
    ("rows of the page", run, "customer_rows"),
    ("wait for the judge", judging.JudgeApart, "answers"),
    ("page", run, "report_html"),
    ("publish", run, "publish_folder"),
)


def processor_seconds() -> float:
    """Return the processor time of this process, all threads together."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def timed(name: str, function: Any, spent: dict[str, list[float]]) -> Any:
    """Return *function*, which adds to what its stage has *spent*: wall, processor."""

    @functools.wraps(function)
    def stage(*args: Any, **kwargs: Any) -> Any:
        wall, processor = time.perf_counter(), processor_seconds()
        try:
            return function(*args, **kwargs)
        finally:
            total = spent.setdefault(name, [0.0, 0.0])
            total[0] += time.perf_counter() - wall
            total[1] += processor_seconds() - processor

    return stage


def shown(spent: dict[str, list[float]]) -> str:
    """Return a Markdown table of the stages, in their order."""
    whole = [time.perf_counter() - STARTED, processor_seconds()]
    lines = ["| | wall, s | processor, s |", "|---|---|---|"]
    for name in [*(name for name, _, _ in STAGES if name in spent), "all of it"]:
        wall, processor = spent.get(name, whole)
        lines.append(f"| {name} | {wall:.2f} | {processor:.2f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    spent: dict[str, list[float]] = {}
    for name, owner, function in STAGES:
        setattr(owner, function, timed(name, getattr(owner, function), spent))
    try:
        main(prog_name="cashback")
    finally:
        sys.stderr.write(shown(spent) + "\n")
