"""The command cashback without the contracts in expectations/: to be timed."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from pipelines import run
from pipelines.cli import main

if TYPE_CHECKING:
    from pipelines.expectations import Verdict


def _no_verdicts(*_: object) -> list[Verdict]:
    return []


if __name__ == "__main__":
    run.validate = _no_verdicts
    run.imported_meanwhile = contextlib.nullcontext
    run.begin_import = _no_verdicts
    main(prog_name="cashback")
