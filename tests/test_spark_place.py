"""Where Spark is missing, a run says so before it works for nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from pipelines.errors import CampaignError
from pipelines.paths import PROJECT_DIR, SAMPLE_DIR
from pipelines.spark import place
from pipelines.spark.place import place_that_is_set, spark_place
from pipelines.spark.running import JOB
from tests.commands import cashback, refusal


def test_an_interpreter_that_is_not_there_is_refused(monkeypatch, tmp_path):
    """One sentence, exit 4, and nothing in the home."""
    monkeypatch.setenv("CASHBACK_SPARK_PYTHON", str(tmp_path / "python"))
    where = ("--source", SAMPLE_DIR, "--home", tmp_path / "home")

    line = refusal(cashback("run", *where, "--engine", "spark"), 4)

    assert f"{tmp_path / 'python'} is not there" in line
    assert not (tmp_path / "home").exists()


def test_a_machine_without_java_is_refused(monkeypatch, tmp_path):
    """Spark alone would end in a page of its own words."""
    monkeypatch.setenv("CASHBACK_SPARK_PYTHON", sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)

    with pytest.raises(CampaignError, match="there is no Java here"):
        spark_place()


def test_an_interpreter_without_spark_is_refused(monkeypatch, tmp_path):
    """The one of the tests has none."""
    monkeypatch.setattr(place.shutil, "which", lambda _: "java")
    monkeypatch.setenv("CASHBACK_SPARK_PYTHON", sys.executable)
    where = ("--source", SAMPLE_DIR, "--home", tmp_path)

    line = refusal(cashback("run", *where, "--engine", "spark"), 4)

    assert "has no pyspark" in line
    assert not (tmp_path / "runs").exists()
    assert JOB.is_file()


def test_the_engine_that_is_set_is_taken_by_what_is_scheduled(monkeypatch):
    """DuckDB unless Spark is named, and nothing that nobody knows."""
    monkeypatch.delenv("CASHBACK_ENGINE", raising=False)
    assert place_that_is_set() is None

    monkeypatch.setattr(place.shutil, "which", lambda _: "java")
    monkeypatch.setenv("CASHBACK_ENGINE", "spark")
    monkeypatch.setenv("CASHBACK_SPARK_PYTHON", sys.executable)
    monkeypatch.setenv("CASHBACK_SPARK_MASTER", "spark://big:7077")
    assert place_that_is_set().master == "spark://big:7077"

    monkeypatch.setenv("CASHBACK_ENGINE", "sparc")
    with pytest.raises(CampaignError, match="'sparc', which is no engine"):
        place_that_is_set()


@pytest.mark.parametrize(
    "address", ["bucket/in", "s3a://", "file://bucket", "s3a://id:key@bucket/in"]
)
def test_a_store_that_has_no_address_or_secrets_is_refused(address, monkeypatch):
    """Spark shows what it is told, in its plans and its log."""
    monkeypatch.setattr(place.shutil, "which", lambda _: "java")
    monkeypatch.setenv("CASHBACK_SPARK_PYTHON", sys.executable)
    monkeypatch.setenv("CASHBACK_SPARK_STORE", address)

    with pytest.raises(CampaignError, match="CASHBACK_SPARK_STORE is not") as refused:
        spark_place()

    assert "key" not in str(refused.value)


def test_a_store_is_taken_without_its_last_slash(monkeypatch):
    """So that no name in it begins with two."""
    monkeypatch.setattr(place.shutil, "which", lambda _: "java")
    monkeypatch.setenv("CASHBACK_SPARK_PYTHON", sys.executable)
    monkeypatch.setenv("CASHBACK_SPARK_STORE", "s3a://bucket/in/")
    assert spark_place().store == "s3a://bucket/in"

    monkeypatch.delenv("CASHBACK_SPARK_STORE")
    assert spark_place().store is None


def test_a_setting_that_is_none_of_spark_is_refused(monkeypatch, tmp_path):
    """Written as name=value, and named in the sentence."""
    monkeypatch.setattr(place.shutil, "which", lambda _: "java")
    monkeypatch.setenv("CASHBACK_SPARK_PYTHON", sys.executable)
    monkeypatch.setenv("CASHBACK_SPARK_SETTINGS", "spark.driver.memory=2g cores=2")
    where = ("--source", SAMPLE_DIR, "--home", tmp_path)

    line = refusal(cashback("run", *where, "--engine", "spark"), 4)

    assert "has 'cores=2', which is no setting of Spark" in line


# Stands for Spark's interpreter: it does one step, and then waits for ever.
STEADY = """#!{python}
import sys
sys.path.insert(0, {project!r})
from pipelines.spark import job
alive = open({fifo!r}, "w")
print("one step", flush=True)
job._end_with_stdin()
"""
# Has it do a job of two steps, and says when the first is done.
ASKING = """
import sys
from pathlib import Path
from pipelines.spark.place import SparkPlace
from pipelines.spark.running import done_on_spark
place, work = SparkPlace(Path(sys.argv[1])), Path(sys.argv[2])
for step in done_on_spark(place, {}, work, ["", ""]):
    print(step, flush=True)
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_spark_ends_with_whoever_asked(tmp_path, name):
    """Whatever ends a run, nothing works on for it."""
    fifo, interpreter = tmp_path / "alive", tmp_path / "python"
    os.mkfifo(fifo)
    interpreter.write_text(
        STEADY.format(python=sys.executable, project=str(PROJECT_DIR), fifo=str(fifo))
    )
    interpreter.chmod(0o755)
    command = [sys.executable, "-c", ASKING, str(interpreter), str(tmp_path)]
    asking = subprocess.Popen(  # noqa: S603 - our own
        command, cwd=PROJECT_DIR, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with asking, fifo.open() as alive:
        assert asking.stdout.readline() == b"one step\n"

        asking.send_signal(getattr(signal, name))

        # The end of it comes when the last one that could write has ended.
        assert alive.read() == ""
