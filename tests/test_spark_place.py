"""Where Spark is missing, a run says so before it works for nothing."""

from __future__ import annotations

import sys

import pytest

from pipelines.errors import CampaignError
from pipelines.paths import SAMPLE_DIR
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


def test_a_setting_that_is_none_of_spark_is_refused(monkeypatch, tmp_path):
    """Written as name=value, and named in the sentence."""
    monkeypatch.setattr(place.shutil, "which", lambda _: "java")
    monkeypatch.setenv("CASHBACK_SPARK_PYTHON", sys.executable)
    monkeypatch.setenv("CASHBACK_SPARK_SETTINGS", "spark.driver.memory=2g cores=2")
    where = ("--source", SAMPLE_DIR, "--home", tmp_path)

    line = refusal(cashback("run", *where, "--engine", "spark"), 4)

    assert "has 'cores=2', which is no setting of Spark" in line
