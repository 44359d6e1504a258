"""What of a run goes into its evidence pack: all that was published, and its inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.catalogs import kept_catalog
from pipelines.errors import DifferenceError
from pipelines.files import canonical_json, sha256_of_file
from pipelines.manifest import MANIFEST
from pipelines.paths import PROJECT_DIR
from pipelines.receipts import read_receipt
from pipelines.verify import folder_differences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.evidence.archive import Contents
    from pipelines.recorded import RecordedRun

# What a manifest names of what was received: read, counted by its sender, compared.
RECEIVED = ("inputs", "controls", "compared_with")
TERMS, CATALOG, INPUTS = "terms/terms.json", "terms/sku_catalog.csv", "inputs.json"


def run_contents(run: RecordedRun) -> Contents:
    """Return the contents that show how a run came to its decisions.

    Raises:
        DifferenceError: the run is not as it was published.
    """
    differences = folder_differences(run.folder)
    if differences:
        message = (
            f"{differences[0]}, so there is no evidence pack. Look at the whole run "
            "with `cashback verify`."
        )
        raise DifferenceError(message)
    contents: Contents = {
        f"run/{name}": run.folder / name
        for name in (MANIFEST, *run.manifest["outputs"])
    }
    contents[TERMS] = canonical_json(run.manifest["terms"]).encode()
    contents[INPUTS] = canonical_json(_inputs(run)).encode()
    return contents | _catalog(run) | _code(run.manifest)


def _catalog(run: RecordedRun) -> Contents:
    """Return the price list that the run used, if it is still here."""
    try:
        catalog = kept_catalog(run.home, run.manifest["catalog_sha256"])
    except DifferenceError:
        return {}
    return {CATALOG: catalog.path}


def _code(manifest: Mapping[str, Any]) -> Contents:
    """Return the SQL that decided and checked, each file if it is still the same."""
    return {
        name: PROJECT_DIR / name
        for name, sha256 in _decided_by(manifest).items()
        if (PROJECT_DIR / name).is_file()
        and sha256_of_file(PROJECT_DIR / name) == sha256
    }


def _decided_by(manifest: Mapping[str, Any]) -> dict[str, str]:
    return {**manifest["sql"], **manifest["expectations"]}


def missing(run: RecordedRun, contents: Contents) -> list[str]:
    """Return what decided the run and is not here any more, by name."""
    return [
        name for name in (*_decided_by(run.manifest), CATALOG) if name not in contents
    ]


def _inputs(run: RecordedRun) -> list[dict[str, Any]]:
    """Return every file that was read, with its receipt: from where, and when."""
    return [
        item | {"is": kind} | _receipt(run, item)
        for kind in RECEIVED
        for item in run.manifest[kind]
    ]


def _receipt(run: RecordedRun, item: Mapping[str, Any]) -> dict[str, str]:
    place = f"{item['feed']}/{item['delivery']}/{item['file']}"
    receipt = read_receipt(run.home, place)
    if receipt is None or receipt.sha256 != item["sha256"]:
        return {}
    return {"source": receipt.source, "received_at": receipt.received_at}
