"""Where Spark is: an interpreter that has it, and the master that it asks for work."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import CampaignError
from pipelines.paths import PROJECT_DIR

ENGINES = ("duckdb", "spark")
ENGINE_SETTING, MASTER_SETTING = "CASHBACK_ENGINE", "CASHBACK_SPARK_MASTER"
PYTHON_SETTING = "CASHBACK_SPARK_PYTHON"
STORE_SETTING = "CASHBACK_SPARK_STORE"
OWN_PYTHON = PROJECT_DIR / ".cache" / "spark" / "bin" / "python"
DEFAULT_MASTER = "local[*]"


@dataclass(frozen=True)
class SparkPlace:
    """The interpreter that Spark is installed for, and the address of its master."""

    python: Path
    master: str = DEFAULT_MASTER
    # The address of what workers reach, where they do not share the home.
    store: str | None = None


def place_that_is_set() -> SparkPlace | None:
    """Return where models run by the environment: on Spark there, or in this process.

    Raises:
        CampaignError: the engine is none that is known, or is not here.
    """
    name = os.environ.get(ENGINE_SETTING, ENGINES[0])
    if name not in ENGINES:
        message = (
            f"{ENGINE_SETTING} is {name!r}, which is no engine; nothing was published. "
            f"Set it to {' or '.join(ENGINES)}."
        )
        raise CampaignError(message)
    if name == ENGINES[0]:
        return None
    return spark_place(os.environ.get(MASTER_SETTING, DEFAULT_MASTER))


def spark_place(master: str = DEFAULT_MASTER) -> SparkPlace:
    """Return where Spark is on this machine.

    Raises:
        CampaignError: there is no interpreter that has it, no Java, or a setting is
            wrong.
    """
    named = os.environ.get(PYTHON_SETTING)
    python = Path(named) if named else OWN_PYTHON
    if not python.is_file():
        message = (
            f"{python} is not there, so Spark cannot be started; nothing was "
            f"published. Run make spark, or name in {PYTHON_SETTING} an interpreter "
            "that has pyspark."
        )
        raise CampaignError(message)
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        message = (
            "there is no Java here, which Spark needs; nothing was published. Install "
            "Java 17, or run with --engine duckdb."
        )
        raise CampaignError(message)
    # Not resolved: the place of an environment is that of its link.
    return SparkPlace(python.absolute(), master, _store_that_is_set())


def _store_that_is_set() -> str | None:
    """Return the address of the store by the environment; None for a shared home.

    Raises:
        CampaignError: it is no address, or one that would tell Spark a secret.
    """
    address = os.environ.get(STORE_SETTING)
    if not address:
        return None
    protocol, is_address, place = address.partition("://")
    is_whole = protocol and is_address and place.strip("/")
    # Each side would take another folder for it.
    is_relative = protocol in {"file", "local"} and not place.startswith("/")
    if not is_whole or is_relative or set(place) & set("@?#"):
        message = (
            f"{STORE_SETTING} is not the address of a store without credentials; "
            "nothing was published. Give it as s3a://BUCKET/FOLDER, and credentials "
            "as the libraries of the store expect them in the environment."
        )
        raise CampaignError(message)
    return address.rstrip("/")
