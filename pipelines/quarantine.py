"""What lies in quarantine for a run, who waits on it, and what to send again.

Only the files that a run read count: what was replaced since asks for nothing.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipelines.careful_csv import read_dialect, read_records
from pipelines.errors import DifferenceError, UsageError
from pipelines.feeds import FEEDS
from pipelines.manifest import read_manifest
from pipelines.verify import find_run, home_above, typed_differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Filter:
    """Which rows are asked for; None asks for all."""

    feed: str | None = None
    reason: str | None = None
    partner: str | None = None

    def admits(self, row: FaultyRow) -> bool:
        """Whether a row is one of them."""
        return (
            self.feed in {None, row.feed}
            and (self.reason is None or self.reason in row.reasons)
            and self.partner in {None, row.partner_id}
        )


@dataclass(frozen=True)
class FaultyRow:
    """One row in quarantine, by its place and its ids."""

    feed: str
    delivery: str
    file: str
    row: int
    reasons: tuple[str, ...]
    customer_id: str | None
    partner_id: str | None
    # The raw row as JSON; empty for a secret feed.
    record: str

    @property
    def place(self) -> str:
        """Where it was delivered."""
        return f"{self.feed}/{self.delivery}/{self.file}"


def chosen_run(home: Path, run: str | None) -> Path:
    """Return the folder of a run, by default of the newest one.

    Raises:
        UsageError: there is none.
    """
    if run is not None:
        return find_run(home, run)
    manifests = sorted(home.glob("runs/*/*/*/manifest.json"), key=_age)
    if not manifests:
        message = (
            f"{home} holds no run yet, so nothing was looked at; give the --home of a "
            "run, or start one with `cashback run`."
        )
        raise UsageError(message)
    return manifests[-1].parent


def home_of(run: Path, home: Path) -> Path:
    """Return the home that a run lies in, or *home* for a copy elsewhere."""
    return home_above(run) or home


def _age(path: Path) -> tuple[str, str, int, str]:
    manifest = read_manifest(path.parent)
    written_at = path.stat().st_mtime_ns
    return manifest["known_at"], manifest["as_of"], written_at, str(path)


def faulty_rows(home: Path, run: Path, wanted: Filter) -> Iterator[FaultyRow]:
    """Yield the rows in quarantine of the files that a run read.

    Raises:
        DifferenceError: they are not as they were written.
    """
    import pyarrow.parquet as pq

    for item in read_manifest(run)["inputs"]:
        if not item["quarantined"] or wanted.feed not in {None, item["feed"]}:
            continue
        feed, delivery, name = item["feed"], item["delivery"], item["file"]
        path = home / "quarantine" / feed / f"delivery={delivery}" / f"{name}.parquet"
        # Parquet with a flipped bit reads as other values, without a word.
        for difference in typed_differences(home, item, ["quarantine"]):
            message = (
                f"{difference}, so no row was shown; run into another --home to type "
                "its file once more, and look there."
            )
            raise DifferenceError(message)
        # A folder named like key=value is a place, and never a column.
        for batch in pq.ParquetFile(path).iter_batches():
            for found in batch.to_pylist():
                row = FaultyRow(
                    feed,
                    delivery,
                    name,
                    found["source_row"],
                    tuple(found["reasons"]),
                    found["customer_id"],
                    found["partner_id"],
                    found["record"],
                )
                if wanted.admits(row):
                    yield row


@dataclass(frozen=True)
class Waiting:
    """The candidates that could still be paid, were it not for these rows."""

    customers: int
    amount: Decimal
    currency: str


def waiting(run: Path, rows: Iterable[FaultyRow]) -> Waiting:
    """Return how many customers, and how much money, wait on *rows*."""
    import pyarrow.parquet as pq

    reward = read_manifest(run)["terms"]["reward"]
    named = {row.customer_id for row in rows}
    decisions = pq.ParquetFile(run / "customer_decisions.parquet").read(
        ["customer_id", "decision", "pending_rules"]
    )
    customers = {
        row["customer_id"]
        for row in decisions.to_pylist()
        if row["decision"] == "pending"
        and "complete_evidence" in row["pending_rules"]
        and row["customer_id"] in named
    }
    amount = Decimal(reward["amount_per_customer"]["value"]) * len(customers)
    return Waiting(len(customers), amount, reward["currency"]["value"])


def listed(rows: Iterable[FaultyRow]) -> list[dict[str, Any]]:
    """Return how many rows each file, partner and set of reasons has."""
    counts = Counter((row.place, row.partner_id or "", row.reasons) for row in rows)
    return [
        {"file": place, "partner_id": partner, "reasons": list(reasons), "rows": count}
        for (place, partner, reasons), count in sorted(counts.items())
    ]


def export(home: Path, rows: Sequence[FaultyRow], out: Path) -> list[Path]:
    """Write each file of *rows* for its sender to correct; return what was written.

    An invoice, or a snapshot, is replaced whole. So every record of the file is
    there, as it was delivered, with the reasons in front of the faulty ones.

    Raises:
        UsageError: a file is there already.
    """
    by_file: dict[str, dict[int, str]] = defaultdict(dict)
    for row in rows:
        by_file[row.place][row.row] = " ".join(row.reasons)
    return [
        _export(home / "landing" / place, out / place, by_file[place])
        for place in sorted(by_file)
    ]


def _export(landed: Path, target: Path, reasons: dict[int, str]) -> Path:
    target = target.with_name(target.name.removesuffix(".gz"))
    if target.exists():
        message = (
            f"{target} is there already, so nothing was written over it; give another "
            "folder to --out."
        )
        raise UsageError(message)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as stream:
        if FEEDS[landed.parts[-3]].is_secret:
            _write_places(csv.writer(stream, lineterminator="\n"), reasons)
        else:
            _write_records(stream, landed, reasons)
    return target


def _write_places(writer: Any, reasons: dict[int, str]) -> None:
    """Account numbers stay where they are: the sender has the rows."""
    writer.writerow(["SourceRow", "Reasons"])
    writer.writerows(sorted(reasons.items()))


def _write_records(stream: Any, landed: Path, reasons: dict[int, str]) -> None:
    dialect = read_dialect(landed)
    writer = csv.writer(stream, delimiter=dialect.delimiter, lineterminator="\n")
    # A file with one more column is read like any other: nobody has to take it out.
    writer.writerow(["Reasons", *dialect.header])
    for number, cells in enumerate(read_records(landed, dialect), start=1):
        writer.writerow([reasons.get(number, ""), *cells])
