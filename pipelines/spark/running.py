"""Start Spark for one job, hear what it has done, and say why if it gives up."""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.errors import CampaignError, DataError
from pipelines.spark.job import NOT_INSTALLED
from pipelines.spark.place import PYTHON_SETTING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipelines.spark.place import SparkPlace

JOB = Path(__file__).parent / "job.py"
# More settings of Spark, as its own tools read them: "name=value name=value".
MORE_SETTINGS = "CASHBACK_SPARK_SETTINGS"
# After this, Spark says why a master ended what was asked of it, or never answered.
_KILLED = "Application has been killed. Reason: "


def done_on_spark(
    place: SparkPlace, job: dict[str, Any], work: Path, steps: list[str]
) -> Iterator[str]:
    """Have Spark do a job; yield each of its *steps* as soon as it is done.

    Raises:
        DataError: Spark gave up.
        CampaignError: there is no Spark.
    """
    # Spark starts in that folder, so the name of a file is to be whole.
    name, work = uuid.uuid4().hex, work.absolute()
    path, said = work / f"{name}.json", work / f"{name}.log"
    path.write_text(json.dumps(job | {"ends_with_stdin": True}), encoding="utf-8")
    done: list[str] = []
    with (
        said.open("w", encoding="utf-8") as err,
        subprocess.Popen(  # noqa: S603 - the interpreter that the settings name
            [str(place.python), str(JOB), str(path)],
            cwd=work,  # Spark leaves folders of its own where it is started
            stdin=subprocess.PIPE,  # closed when we end, whatever ends us
            stdout=subprocess.PIPE,
            stderr=err,
            text=True,
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                done.append(line.strip())
                yield done[-1]
        except BaseException:
            process.kill()
            raise
    if process.returncode or len(done) < len(steps):
        raise _refusal(place, process.returncode, said, steps[len(done) :])


def more_settings() -> dict[str, str]:
    """Return the settings of Spark that somebody has set beside ours.

    Raises:
        CampaignError: they are not written as names and values.
    """
    settings = {}
    for written in os.environ.get(MORE_SETTINGS, "").split():
        name, equals, value = written.partition("=")
        if not (equals and name.startswith("spark.")):
            message = (
                f"{MORE_SETTINGS} has {written!r}, which is no setting of Spark; "
                "nothing was published. Give each as spark.name=value, with spaces "
                "between them."
            )
            raise CampaignError(message)
        settings[name] = value
    return settings


def _refusal(
    place: SparkPlace, code: int, said: Path, missing: Sequence[str]
) -> CampaignError | DataError:
    if code == NOT_INSTALLED:
        return CampaignError(
            f"{place.python} has no pyspark 4, so nothing was published. Run make "
            f"spark, or name another interpreter in {PYTHON_SETTING}."
        )
    return DataError(
        f"Spark at {place.master} ended with {code} at "
        f"{missing[0] if missing else 'the last step'} ({_reason(said)}), so nothing "
        "was published. Look at its master and its memory, or run with --engine duckdb."
    )


def _reason(said: Path) -> str:
    """Return why the master ended it, or the last line that tells what went wrong."""
    lines = said.read_text(encoding="utf-8", errors="replace").splitlines()
    killed = [line.partition(_KILLED)[2] for line in lines if _KILLED in line]
    if killed:
        return killed[0].strip()[:300]
    telling = [line.strip() for line in lines if "Error" in line or "Exception" in line]
    return (telling or lines or ["it said nothing"])[-1].strip()[:300]
