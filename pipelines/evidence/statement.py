"""What was made from what, as an in-toto statement with SLSA provenance.

It is not signed: it is worth what the way is worth on which its digest came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines import __version__
from pipelines.evidence.archive import checksums
from pipelines.evidence.run_contents import RECEIVED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.evidence.archive import Contents
    from pipelines.recorded import RecordedRun

STATEMENT = "statement.json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://slsa.dev/provenance/v1"
# What this kind of build is, and who does it; the names are our own.
BUILD_TYPE = "urn:cashback:run:v1"
BUILDER = "urn:cashback"


def statement(
    run: RecordedRun, contents: Contents, others: Mapping[str, str]
) -> dict[str, Any]:
    """Return the statement on *contents*, and on *others* that are not in the pack.

    *others* maps the name of a file to its SHA-256.
    """
    digests = {
        line[66:]: line[:64] for line in checksums(contents).decode().splitlines()
    }
    made = {name: sha for name, sha in digests.items() if _is_made(name)}
    return {
        "_type": STATEMENT_TYPE,
        "subject": [
            {"name": name, "digest": {"sha256": sha256}}
            for name, sha256 in sorted((made | dict(others)).items())
        ],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "buildDefinition": _definition(run.manifest),
            "runDetails": {
                "builder": {"id": BUILDER, "version": {"cashback": __version__}},
                "metadata": {"invocationId": run.run_id},
            },
        },
    }


def _is_made(name: str) -> bool:
    return name.startswith(("run/", "batch/"))


def _definition(manifest: Mapping[str, Any]) -> dict[str, Any]:
    names = ("campaign_id", "as_of", "known_at", "max_quarantine_share")
    return {
        "buildType": BUILD_TYPE,
        "externalParameters": {name: manifest[name] for name in names},
        "internalParameters": {
            "measured_on": manifest["measured_on"],
            "is_final": manifest["is_final"],
            "engines": manifest["code"]["engines"],
        },
        "resolvedDependencies": [*_dependencies(manifest)],
    }


def _dependencies(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what went in, by name and digest: code, terms, SQL, and every file."""
    found = {
        "code": manifest["code"]["digest"],
        "terms and catalogue": manifest["campaign_digest"],
        "catalogue": manifest["catalog_sha256"],
        **manifest["sql"],
        **manifest["expectations"],
    }
    for item in (item for kind in RECEIVED for item in manifest[kind]):
        place = f"landing/{item['feed']}/{item['delivery']}/{item['file']}"
        found[place] = item["sha256"]
    return [
        {"name": name, "digest": {"sha256": sha256}} for name, sha256 in found.items()
    ]
