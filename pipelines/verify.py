"""Every byte of a run, and of the inputs it names, against its manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.errors import DifferenceError, UsageError
from pipelines.files import sha256_of_file
from pipelines.manifest import MANIFEST, read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def find_run(home: Path, run: str) -> Path:
    """Return the folder of a run given by its path, its id, or the id's beginning.

    Raises:
        UsageError: there is no such run, or more than one.
    """
    from pathlib import Path as AnyPath

    if (AnyPath(run) / MANIFEST).exists():
        return AnyPath(run)
    found = sorted((home / "runs").glob(f"*/*/{run}*/{MANIFEST}")) if run else []
    if len(found) == 1:
        return found[0].parent
    wrong = "no run" if not found else f"{len(found)} runs"
    message = (
        f"{wrong} named {run!r} under {home / 'runs'}; nothing was checked. Give the "
        "path of a run's folder, or an id that `cashback run` printed."
    )
    raise UsageError(message)


def verify_run(home: Path, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Return a run's manifest and every difference from it, each in a sentence."""
    try:
        manifest = read_manifest(folder)
    except DifferenceError as error:
        return {}, [str(error)]
    return manifest, folder_differences(folder) + _input_differences(home, manifest)


def folder_differences(folder: Path, beside: Iterable[str] = ()) -> list[str]:
    """Return how the files of a run or batch differ from its manifest.

    A file named in *beside* may be there, too.
    """
    try:
        outputs = read_manifest(folder)["outputs"]
    except DifferenceError as error:
        return [str(error)]
    differences = []
    for name, promised in outputs.items():
        path = folder / name
        if not path.exists():
            differences.append(f"{path} is missing")
        elif sha256_of_file(path) != promised["sha256"]:
            differences.append(f"{path} has other bytes than were published")
    strangers = {path.name for path in folder.iterdir()} - {MANIFEST, *outputs}
    strangers -= set(beside)
    differences += [f"{folder / name} is not of it" for name in sorted(strangers)]
    return differences


def _input_differences(home: Path, manifest: dict[str, Any]) -> list[str]:
    differences = []
    for item in manifest["inputs"]:
        path = home / "landing" / item["feed"] / item["delivery"] / item["file"]
        if not path.exists():
            differences.append(f"{path} is missing: the run was computed from it")
        elif sha256_of_file(path) != item["sha256"]:
            differences.append(f"{path} has other bytes than were received")
        differences += _typed_differences(home, item)
    return differences


def _typed_differences(home: Path, item: dict[str, Any]) -> list[str]:
    """Compare typed rows, where they are; another version may have typed anew."""
    place = f"{item['feed']}/delivery={item['delivery']}/{item['file']}.parquet"
    memory = home / "typed" / item["feed"] / item["delivery"] / f"{item['file']}.json"
    if not memory.exists():
        return []
    import json

    facts = json.loads(memory.read_text(encoding="utf-8"))["facts"]
    differences = []
    for folder in ("validated", "quarantine"):
        path = home / folder / place
        if path.exists() and sha256_of_file(path) != facts[f"{folder}_sha256"]:
            differences.append(f"{path} has other bytes than were written")
    return differences
