"""The process that judges: a question a line comes in, verdicts a line go out."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import engine
from pipelines.errors import DataError
from pipelines.expectations import validate
from pipelines.gx_import import import_now
from pipelines.suites import FEED_SUITES, TABLE_SUITES, JudgedRows, load_suites

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

MEMORY = "900MB"


def main() -> None:
    """Answer until nobody asks any more."""
    # What libraries print is no answer.
    with os.fdopen(os.dup(sys.stdout.fileno()), "w") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        # What is imported stays: to look for garbage in it takes a tenth of the time.
        gc.disable()
        import_now()
        gc.freeze()
        gc.enable()
        with contextlib.suppress(DataError):  # told to whoever asks
            load_suites((*FEED_SUITES, *TABLE_SUITES))
        for answer in _answers():
            out.write(json.dumps(answer) + "\n")
            out.flush()


def _answers() -> Iterator[dict[str, Any]]:
    with contextlib.ExitStack() as opened:
        con: duckdb.DuckDBPyConnection | None = None
        for number, line in enumerate(sys.stdin):
            question = json.loads(line)
            if con is None:
                work = Path(question["work"])
                con = opened.enter_context(engine.opened(work, memory=MEMORY))
            yield _answer(con, question, f"handed_{number}")


def _answer(
    con: duckdb.DuckDBPyConnection, question: dict[str, Any], name: str
) -> dict[str, Any]:
    if question["tables"]:
        database = engine.quoted(question["database"])
        con.execute(f"attach {database} as {name} (read_only)")
    for table in question["tables"]:
        con.execute(f"create or replace temporary view {table} as from {name}.{table}")
    for view in question["views"]:
        con.execute(view.replace("CREATE ", "CREATE OR REPLACE ", 1))
    judged = {key: JudgedRows(**rows) for key, rows in question["judged"].items()}
    try:
        verdicts = validate(con, load_suites(question["suites"]), judged)
    except DataError as refused:
        return {"refusal": str(refused)}
    return {"verdicts": [asdict(verdict) for verdict in verdicts]}


if __name__ == "__main__":
    main()
