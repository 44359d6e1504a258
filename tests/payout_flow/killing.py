"""Kill a command at any of its steps: before and after a name or a commit counts."""

from __future__ import annotations

import functools
import itertools
import os
import re
import smtplib
import sys
import traceback
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine.default import DefaultDialect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


KILLED, FINISHED, FAILED = 9, 0, 3
# The batch while it is written, where it lies, and the bank; not the scratch files.
PLACES = re.compile(r"/batch\b|/payouts/|/bank/|approval")
# What makes a file appear under a name, or go: to write it before changes nothing.
FILE_EVENTS = {"os.rename", "os.link", "os.remove"}


def killed_at(
    step: int,
    root: Path,
    work: Callable[[], object],
    *,
    files: bool = True,
    talk: bool = False,
) -> bool:
    """Do *work* in another process, killed before its *step*-th effect.

    An effect is a commit, with *files* a name under *root*, and with *talk* each thing
    that a mail server is told. Returns whether it was
    killed: not if it has fewer effects than that.
    """
    child = os.fork()
    if child == 0:
        where = str(root) if files else "no such place"
        _end_after(lambda: _work_until(step, where, work, talk=talk))
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in {KILLED, FINISHED}, f"step {step} ended with {code}"
    return code == KILLED


def _work_until(
    step: int, root: str, work: Callable[[], object], *, talk: bool
) -> None:
    """Do *work*; the process ends before the *step*-th effect."""
    numbers = itertools.count(1)

    def effect() -> None:
        if next(numbers) == step:
            os._exit(KILLED)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        where = str(arguments[:2])
        if event in FILE_EVENTS and root in where and PLACES.search(where):
            effect()

    commit = DefaultDialect.do_commit

    def do_commit(self: DefaultDialect, connection: Any) -> None:
        effect()
        commit(self, connection)
        effect()

    send = smtplib.SMTP.send

    def said(self: smtplib.SMTP, text: Any) -> None:
        effect()
        send(self, text)
        # Some of it may be there, and all of it: the answer is not.
        effect()

    if talk:
        smtplib.SMTP.send = said  # type: ignore[method-assign]
    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]
    sys.addaudithook(watch)
    work()


def _end_after(work: Callable[[], object]) -> None:
    """Never return: the process ends as its work does, and says why it failed."""
    code = FAILED
    try:
        work()
        code = FINISHED
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def at_once(count: int, work: Callable[[int], object]) -> None:
    """Do *work* in that many processes, all of them let go at the same moment."""
    gate_out, gate_in = os.pipe()
    children = []
    for number in range(count):
        child = os.fork()
        if child == 0:
            os.close(gate_in)
            os.read(gate_out, 1)  # until the gate opens
            _end_after(functools.partial(work, number))
        children.append(child)
    os.close(gate_out)
    os.close(gate_in)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert set(codes) == {FINISHED}, codes
