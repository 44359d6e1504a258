"""Every byte of a run, and of the inputs it names, against its manifest."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.errors import DifferenceError, UsageError
from pipelines.files import sha256_of_file
from pipelines.manifest import MANIFEST, RUN_ID_DIGITS, read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterable

_BEGINNING_OF_ID = re.compile(f"[0-9a-f]{{1,{RUN_ID_DIGITS}}}")
_ID = re.compile(f"[0-9a-f]{{{RUN_ID_DIGITS}}}")


def find_run(home: Path, run: str) -> Path:
    """Return the folder of a run given by its path, its id, or the id's beginning.

    Raises:
        UsageError: there is no such run, or more than one.
    """
    given = Path(run)
    if run and _is_run(given):
        return given
    found = []
    if _BEGINNING_OF_ID.fullmatch(run):
        found = sorted(p for p in home.glob(f"runs/*/*/{run}*") if p.is_dir())
    if len(found) == 1:
        return found[0]
    wrong = "no run" if not found else f"{len(found)} runs"
    message = (
        f"{wrong} named {run!r} under {home / 'runs'}; nothing was checked. Give the "
        "path of a run's folder, or an id that `cashback run` printed."
    )
    raise UsageError(message)


def _is_run(folder: Path) -> bool:
    """Tell the folder of a run, be it one that has lost its manifest."""
    try:
        return (folder / MANIFEST).exists() or (
            folder.is_dir() and bool(_ID.fullmatch(folder.resolve().name))
        )
    except OSError:
        return False


def verify_run(home: Path, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Return a run's manifest and every difference from it, each in a sentence."""
    try:
        manifest = read_manifest(folder)
    except DifferenceError as error:
        return {}, [str(error)]
    home = home_above(folder) or home
    return manifest, folder_differences(folder) + _input_differences(home, manifest)


def home_above(folder: Path) -> Path | None:
    """Return the home that a run lies in; a copy elsewhere has none of its own."""
    above = folder.resolve().parents
    in_a_home = len(above) > 3 and above[2].name == "runs"  # noqa: PLR2004 - runs/campaign/date
    return above[3] if in_a_home and (above[3] / "landing").is_dir() else None


def folder_differences(folder: Path, beside: Iterable[str] = ()) -> list[str]:
    """Return how the files of a run or batch differ from its manifest.

    A file named in *beside* may be there, too.
    """
    try:
        manifest = read_manifest(folder)
    except DifferenceError as error:
        return [str(error)]
    differences = []
    name, run_id = folder.resolve().name, manifest["run_id"]
    if _ID.fullmatch(name) and name != run_id and "batch_id" not in manifest:
        differences.append(f"{folder} holds the run {run_id}")
    outputs = manifest["outputs"]
    for name, promised in outputs.items():
        differences += _difference(folder / name, {promised["sha256"]}, "published")
    kind = "batch" if "batch_id" in manifest else "run"
    strangers = {path.name for path in folder.iterdir()} - {MANIFEST, *outputs}
    strangers -= set(beside)
    differences += [
        f"{folder / name} is not of this {kind}" for name in sorted(strangers)
    ]
    return differences


def _input_differences(home: Path, manifest: dict[str, Any]) -> list[str]:
    differences = []
    # What snapshots were compared with decides nobody, and is in data_quality.json.
    compared_with = manifest.get("compared_with", ())
    for item in (*manifest["inputs"], *manifest["controls"], *compared_with):
        path = home / "landing" / item["feed"] / item["delivery"] / item["file"]
        differences += _difference(path, {item["sha256"]}, "received")
    if catalog := manifest.get("catalog_sha256"):
        path = home / "catalogs" / f"{catalog}.csv"
        differences += _difference(path, {catalog}, "decided with")
    for item in manifest["inputs"]:
        differences += typed_differences(home, item)
    return differences


def typed_differences(
    home: Path,
    item: dict[str, Any],
    folders: Iterable[str] = ("validated", "quarantine"),
) -> list[str]:
    """Compare typed rows, which a later version may have typed anew since."""
    place = f"{item['feed']}/delivery={item['delivery']}/{item['file']}.parquet"
    memory = home / "typed" / item["feed"] / item["delivery"] / f"{item['file']}.json"
    differences = []
    for folder in folders:
        sha256 = {item[f"{folder}_sha256"], _typed_since(memory, f"{folder}_sha256")}
        differences += _difference(home / folder / place, sha256, "written")
    return differences


def _typed_since(memory: Path, key: str) -> str | None:
    try:
        facts: dict[str, str] = json.loads(memory.read_bytes())["facts"]
        return facts[key]
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _difference(path: Path, sha256: set[str | None], done: str) -> list[str]:
    """Return what is wrong with a file, if its bytes are none of those allowed."""
    if not path.is_file():
        return [f"{path} is missing"]
    try:
        found = sha256_of_file(path)
    except OSError as error:
        return [f"{path} cannot be read ({error.strerror})"]
    return [] if found in sha256 else [f"{path} has other bytes than were {done}"]
