"""Great Expectations is imported without what no check here uses."""

from __future__ import annotations

import subprocess
import sys

LOOK = """
import sys
from pipelines.gx_import import DEFERRED, import_now
import_now()
import great_expectations
print([name for name in DEFERRED if name in sys.modules])
import altair
print(hasattr(altair, "Chart"), hasattr(sys.modules["altair"], "Chart"))
from great_expectations.expectations.core import (
    expect_column_kl_divergence_to_be_less_than as module,
)
print(module.stats.entropy([0.5, 0.5]) > 0, module.alt.Chart.__name__)
"""


def test_what_no_check_uses_is_imported_when_it_is_asked_for():
    """Nothing of it is loaded; others have the real thing, and so has the library."""
    command = [sys.executable, "-c", LOOK]

    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own

    assert done.stdout.splitlines() == ["[]", "True True", "True Chart"], done.stderr
