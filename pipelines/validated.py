"""Every file in force, typed: new ones now, the others by an earlier run.

What a file became is remembered under ``typed/``, keyed by its bytes, by the code
that typed it and by the catalogue, so that a night costs what is new.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import structlog

from pipelines.control_totals import check_control_totals
from pipelines.engine import WORKERS
from pipelines.errors import DataError
from pipelines.files import canonical_json, digest_of, sha256_of_file, write_atomically
from pipelines.text_scan import UnreadableFileError
from pipelines.typed_rows import OutputPaths
from pipelines.typing_databases import TypingDatabases
from pipelines.validation import FileFacts, validate_file
from pipelines.versions import validating_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from concurrent.futures import Future
    from pathlib import Path

    import pyarrow as pa

    from pipelines.deliveries import Deliveries
    from pipelines.landing import LandedFile
    from pipelines.progress import Progress
    from pipelines.sightings import Sighting

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ValidatedFile:
    """One file in force, and what became of its rows."""

    file: LandedFile
    facts: FileFacts
    outputs: OutputPaths
    # Whether every byte of its typed rows was looked at by this process. If not, they
    # are not read before that is done.
    is_checked: bool = True


class ValidatedStore:
    """The typed rows of a home, under ``validated/`` and ``quarantine/``."""

    def __init__(self, home: Path, catalog_sha256: str, catalog: pa.Table) -> None:
        self.home, self.catalog, self.catalog_sha256 = home, catalog, catalog_sha256
        self._version = [validating_version(), catalog_sha256]
        self._ahead: dict[LandedFile, FileFacts] = {}

    @contextlib.contextmanager
    def typing_ahead(self, work: Path) -> Iterator[Callable[[LandedFile], object]]:
        """Give what types a file that has just landed, while others are pulled.

        A file that cannot be trusted is left for ``validate`` to say so.
        """
        databases = TypingDatabases(self.catalog, work)

        def one(file: LandedFile) -> None:
            with contextlib.suppress(UnreadableFileError):
                self._ahead[file] = self._type(file, self.outputs_of(file), databases)

        with databases, ThreadPoolExecutor(max_workers=WORKERS) as pool:
            typing: list[Future[None]] = []
            try:
                yield lambda file: typing.append(pool.submit(one, file))
                for begun in typing:
                    begun.result()
            except BaseException:
                # Nobody waits for files that are not begun: the run is over.
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def untyped(self, files: Iterable[LandedFile]) -> list[LandedFile]:
        """Return the files that nothing is remembered of."""
        return [file for file in files if self._found(file) is None]

    def type_file(self, file: LandedFile, work: Path) -> None:
        """Type one file, and remember what became of it.

        Raises:
            UnreadableFileError: the file cannot be trusted.
        """
        databases = TypingDatabases(self.catalog, work)
        with databases:
            self._type(file, self.outputs_of(file), databases)

    def validate(
        self,
        deliveries: Deliveries,
        work: Path,
        progress: Progress,
        seen: Mapping[str, Sighting] = MappingProxyType({}),
    ) -> list[ValidatedFile]:
        """Type what is new among the files in force; return all of them.

        Of those that lie there as *seen* says, by their places, the bytes are not
        checked: they are not to be read.

        Raises:
            DataError: files cannot be trusted; the message names each.
        """
        faults: list[str] = []
        databases = TypingDatabases(self.catalog, work)

        def one(file: LandedFile) -> ValidatedFile | None:
            try:
                return self._validate_one(file, deliveries, databases, seen)
            except UnreadableFileError as fault:
                faults.append(f"{file.place}: {fault}")
                return None

        with databases, ThreadPoolExecutor(max_workers=WORKERS) as pool:
            done = list(
                progress.track(
                    pool.map(one, deliveries.files), "typing", len(deliveries.files)
                )
            )
        if faults:
            raise _refusal(sorted(faults))
        return [file for file in done if file is not None]

    def _validate_one(
        self,
        file: LandedFile,
        deliveries: Deliveries,
        databases: TypingDatabases,
        seen: Mapping[str, Sighting],
    ) -> ValidatedFile:
        outputs, trusted = self.outputs_of(file), None
        facts = self._ahead.get(file)
        if facts is None:
            if sighting := seen.get(file.place):
                trusted = sighting.sha256_if_same(outputs.validated)
            facts = self._remembered(file, outputs, trusted)
        if facts is None:
            facts = self._type(file, outputs, databases)
        if control := deliveries.controls.get(file):
            check_control_totals(file, facts, control.path_in(self.home / "landing"))
        is_checked = facts.validated_sha256 != trusted
        return ValidatedFile(file, facts, outputs, is_checked)

    def _type(
        self, file: LandedFile, outputs: OutputPaths, databases: TypingDatabases
    ) -> FileFacts:
        landed = file.path_in(self.home / "landing")
        if not file.is_fresh and sha256_of_file(landed) != file.sha256:
            message = "its bytes under landing/ are not those that were received"
            raise UnreadableFileError(message)
        folder = databases.work / digest_of([file.place])
        # What a first attempt at a file that cannot be trusted left behind.
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        drafts = OutputPaths(folder / "validated", folder / "quarantine")
        facts = validate_file(file, landed, databases.own(), folder, drafts)
        for draft, final in (
            (drafts.validated, outputs.validated),
            (drafts.quarantine, outputs.quarantine),
        ):
            final.parent.mkdir(parents=True, exist_ok=True)
            draft.replace(final)
        memory = {"key": self.key_of(file), "facts": facts.as_dict()}
        write_atomically(self.memory_of(file), canonical_json(memory), databases.work)
        shutil.rmtree(folder)
        log.info("file_typed", file=file.place, rows=facts.rows_read)
        return facts

    def _remembered(
        self, file: LandedFile, outputs: OutputPaths, trusted: str | None
    ) -> FileFacts | None:
        """Return what an earlier run found, if its results are still here, intact.

        The digest of its typed rows may be *trusted*, and is computed otherwise.
        """
        facts = self._found(file)
        if facts is None:
            return None
        for path, sha256 in (
            (outputs.validated, facts.validated_sha256),
            (outputs.quarantine, facts.quarantine_sha256),
        ):
            if sha256 == trusted:
                continue
            # Parquet with a flipped bit reads as other values, without a word.
            if not path.exists() or sha256_of_file(path) != sha256:
                log.warning("typed_file_damaged", path=str(path))
                return None
        return facts

    def _found(self, file: LandedFile) -> FileFacts | None:
        """Return what an earlier run found of the same bytes by the same code."""
        memory = self.memory_of(file)
        if not memory.exists():
            return None
        try:
            known: dict[str, Any] = json.loads(memory.read_text(encoding="utf-8"))
            facts = FileFacts.from_dict(known["facts"])
            is_of_this = known["key"] == self.key_of(file)
        except (ValueError, TypeError, KeyError):
            log.warning("memory_damaged", path=str(memory))
            return None
        return facts if is_of_this else None

    def key_of(self, file: LandedFile) -> str:
        """Return the digest of all that decides what becomes of a file."""
        return digest_of([file.sha256, file.place, *self._version])

    def memory_of(self, file: LandedFile) -> Path:
        """Return where it is remembered what became of a file."""
        return file.path_in(self.home / "typed", ".json")

    def outputs_of(self, file: LandedFile) -> OutputPaths:
        """Return where the rows of a file are, once it is typed."""
        place = f"{file.feed}/delivery={file.delivered_on}/{file.name}.parquet"
        return OutputPaths(
            self.home / "validated" / place, self.home / "quarantine" / place
        )


def _refusal(faults: list[str]) -> DataError:
    if len(faults) == 1:
        return DataError(
            f"{faults[0]}; nothing was published. Ask the sender for a whole file, "
            "delivered on a later date."
        )
    shown = "\n".join(f"  - {fault}" for fault in faults)
    return DataError(
        f"{len(faults)} files cannot be trusted, so nothing was published:\n{shown}\n"
        "Ask their senders for whole files, delivered on a later date."
    )
