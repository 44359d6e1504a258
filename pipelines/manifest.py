"""The manifest of a run: all that went into it, and the digest of all it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pipelines.errors import DifferenceError
from pipelines.files import canonical_json, digest_of, sha256_of_file
from pipelines.paths import AUDITS_DIR, EXPECTATIONS_DIR, PROJECT_DIR, SQL_DIR
from pipelines.versions import code_version, engine_versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal
    from pathlib import Path

    from pipelines.campaign import Campaign
    from pipelines.deliveries import Deliveries
    from pipelines.inputs import RunDates
    from pipelines.landing import LandedFile
    from pipelines.validated import ValidatedFile

MANIFEST = "manifest.json"
FORMAT = 1
RUN_ID_DIGITS = 32


def run_id(
    campaign: Campaign, dates: RunDates, deliveries: Deliveries, most: Decimal
) -> str:
    """Return the name of a run: a digest of its terms, dates, inputs and code."""
    return digest_of(
        {
            "format": FORMAT,
            "campaign": campaign.digest,
            "as_of": str(dates.as_of),
            "known_at": str(dates.known_at),
            "max_quarantine_share": str(most.normalize()),
            "inputs": [[file.place, file.sha256] for file in deliveries.files],
            "controls": [
                [control.place, control.sha256]
                for _, control in sorted(deliveries.controls.items())
            ],
            "compared_with": [[file.place, file.sha256] for file in deliveries.earlier],
            "notices": list(deliveries.notices),
            "code": code_version(),
        }
    )[:RUN_ID_DIGITS]


def manifest_of(  # noqa: PLR0913, PLR0917 - a manifest names all there is
    folder: Path,
    identity: str,
    campaign: Campaign,
    dates: RunDates,
    files: Sequence[ValidatedFile],
    facts: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the manifest of the files in *folder*, its own digest included."""
    manifest = {
        "format": FORMAT,
        "run_id": identity,
        "campaign_id": campaign.campaign_id,
        "campaign_digest": campaign.digest,
        "catalog_sha256": campaign.catalog.sha256,
        "terms": campaign.as_dict(),
        "as_of": str(dates.as_of),
        "known_at": str(dates.known_at),
        "measured_on": str(dates.measured_on),
        "is_final": dates.is_final,
        "pay_by": str(campaign.pay_by_on),
        "code": {"digest": code_version(), "engines": engine_versions()},
        "sql": _digests([*SQL_DIR.rglob("*.sql"), *AUDITS_DIR.glob("*.sql")]),
        "expectations": _digests(EXPECTATIONS_DIR.glob("*.yaml")),
        "inputs": [_input(file) for file in files],
        "outputs": {
            path.name: {
                "sha256": sha256_of_file(path),
                "bytes": path.stat().st_size,
                "rows": facts["output_rows"].get(path.stem),
            }
            for path in sorted(folder.iterdir())
            if path.name != MANIFEST
        },
        **{key: value for key, value in facts.items() if key != "output_rows"},
    }
    return manifest | {"manifest_sha256": digest_of(manifest)}


def received(file: LandedFile) -> dict[str, str]:
    """Return how a manifest names a file that was received."""
    return {
        "feed": file.feed,
        "delivery": str(file.delivered_on),
        "file": file.name,
        "sha256": file.sha256,
    }


def _input(file: ValidatedFile) -> dict[str, Any]:
    return {
        **received(file.file),
        "bytes": file.file.size,
        "rows": file.facts.rows_read,
        "validated": file.facts.rows_validated,
        "quarantined": file.facts.rows_quarantined,
        "total_for_customer": file.facts.total_for_customer,
        "validated_sha256": file.facts.validated_sha256,
        "quarantine_sha256": file.facts.quarantine_sha256,
    }


def _digests(files: Iterable[Path]) -> dict[str, str]:
    return {
        path.relative_to(PROJECT_DIR).as_posix(): sha256_of_file(path)
        for path in sorted(files)
    }


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return a run's manifest, if it is, to the byte, what was published.

    Raises:
        DifferenceError: it is missing, or a byte of it has changed.
    """
    path = folder / MANIFEST
    try:
        text = path.read_bytes().decode("utf-8")
        manifest: dict[str, Any] = json.loads(text)
        promised = manifest["manifest_sha256"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        message = f"{path} cannot be read as a manifest ({error})."
        raise DifferenceError(message) from error
    body = {key: value for key, value in manifest.items() if key != "manifest_sha256"}
    if canonical_json(manifest) != text or digest_of(body) != promised:
        message = f"{path} is not as it was published: its own digest differs."
        raise DifferenceError(message)
    return manifest
