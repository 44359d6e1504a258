"""Which delivered files exist for a run and which of them are in force (section 3)."""

import re
import sys
from collections.abc import Callable, Collection, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from pipelines.second_reading import control
from pipelines.second_reading.layouts import LAYOUTS, Layout
from pipelines.second_reading.reading import DataFile, Extract, Row, read_file
from pipelines.second_reading.refusal import Refused

SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
Deliveries = dict[date, list[DataFile]]
Track = Callable[[list[DataFile]], Iterator[DataFile]]


def newest_delivery(source: Path) -> date:
    """Return the newest delivery of any feed that holds a data file."""
    days = [day for feed in LAYOUTS for day in deliveries(source, feed, date.max)]
    if not days:
        raise Refused("no_delivery", f"{source} holds no delivery of any feed")
    return max(days)


def deliveries(source: Path, feed: str, known_at: date) -> Deliveries:
    """Return the data files of each delivery known at *known_at*, oldest first."""
    found: Deliveries = {}
    for folder in sorted((source / feed).glob("*")):
        delivery = _folder_day(folder)
        if delivery is None or delivery > known_at:
            continue
        files = [DataFile(feed, delivery, path) for path in sorted(_data_paths(folder))]
        if files:
            found[delivery] = files
    return found


def _folder_day(folder: Path) -> date | None:
    """Read the delivery date off a folder's name; other folders are not deliveries."""
    if folder.is_dir() and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", folder.name):
        try:
            return date.fromisoformat(folder.name)
        except ValueError:
            return None
    return None


def _data_paths(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        # Systems leave hidden files beside others: they are no deliveries.
        is_hidden = path.name.startswith(".")
        if path.is_file() and path.name.lower().endswith(SUFFIXES) and not is_hidden:
            yield path


def files_in_force(source: Path, layout: Layout, known_at: date) -> list[DataFile]:
    """Return the files that count for the run, or refuse a feed without any."""
    known = deliveries(source, layout.feed, known_at)
    if not known:
        if layout.may_be_missing:
            return []
        raise Refused("no_delivery", f"{layout.feed} has no delivery by {known_at}")
    if layout.feed == "billing":
        files = live_invoices(known)
    elif layout.accumulates:
        files = [file for delivery in known.values() for file in delivery]
    else:
        files = known[max(known)]
    _refuse_widowed_controls(files, known)
    return files


def live_invoices(known: Deliveries) -> list[DataFile]:
    """Return the last version of each invoice; a later delivery replaces it whole."""
    latest: dict[str, list[DataFile]] = {}
    for delivery in sorted(known):
        by_invoice: dict[str, list[DataFile]] = {}
        for file in known[delivery]:
            by_invoice.setdefault(file.invoice, []).append(file)
        latest |= by_invoice
    for invoice, files in sorted(latest.items()):
        if len(files) > 1:
            names = ", ".join(file.name for file in files)
            raise Refused("duplicate_invoice", f"{invoice} comes twice: {names}")
    return sorted(
        (files[0] for files in latest.values()),
        key=lambda file: (file.delivery, file.name),
    )


def _refuse_widowed_controls(files: list[DataFile], known: Deliveries) -> None:
    """Refuse a control file whose data file never came, in a delivery in force."""
    for file in {file.delivery: file for file in files}.values():
        present = {beside.name.lower() for beside in known[file.delivery]}
        for path in sorted(file.path.parent.glob("*" + control.SUFFIX)):
            of = path.name.removesuffix(control.SUFFIX)
            if of.lower().endswith(SUFFIXES) and of.lower() not in present:
                raise Refused("control_total", f"{path.name} counts a missing file")


def read_feed(
    source: Path,
    layout: Layout,
    known_at: date,
    known_offers: Collection[str],
    track: Track = iter,
) -> list[Extract]:
    """Read every file in force of one feed, one after another.

    Of a file, what decides stays in memory, and what was only checked does not.
    """
    files = files_in_force(source, layout, known_at)
    return [_decisive(read_file(file, known_offers), layout) for file in track(files)]


def _decisive(extract: Extract, layout: Layout) -> Extract:
    return Extract(
        extract.file,
        [_decisive_row(row, layout) for row in extract.good],
        [_decisive_row(row, layout) for row in extract.bad],
    )


def _decisive_row(row: Row, layout: Layout) -> Row:
    values = {
        column: sys.intern(value) if isinstance(value, str) else value
        for column, value in row.values.items()
        if column in layout.decisive
    }
    return Row(row.file, row.number, values, row.reasons)


def refuse_too_many_bad(feed: str, extracts: list[Extract], share: Decimal) -> None:
    """Refuse a feed with more than *share* of its rows in quarantine (section 4)."""
    good, bad = good_rows(extracts), bad_rows(extracts)
    if len(bad) > share * (len(good) + len(bad)):
        raise Refused(
            "quarantine_share",
            f"{feed}: {len(bad)} of {len(good) + len(bad)} rows in quarantine",
        )


def good_rows(extracts: list[Extract]) -> list[Row]:
    """Return the valid rows of all files, ordered by delivery, file name and row."""
    rows = [row for extract in extracts for row in extract.good]
    return sorted(rows, key=lambda row: row.place)


def bad_rows(extracts: list[Extract]) -> list[Row]:
    """Return the quarantined rows of all files, ordered likewise."""
    rows = [row for extract in extracts for row in extract.bad]
    return sorted(rows, key=lambda row: row.place)
