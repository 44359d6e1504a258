"""Faults of whole files, each of which must refuse the run (section 4)."""

import gzip
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from .dialects import as_date
from .parcels import BILLING_REQUIRED, COLUMNS, RESELLERS, Parcel
from .values import RAGGED

ALWAYS_THERE = ("billing", "customers", "partners", "competencies")
STYLES = ("slash", "dot", "iso")


def in_force(parcels: list[Parcel], known_at: date) -> list[Parcel]:
    """Return the parcels whose files count for a run."""
    known = [parcel for parcel in parcels if parcel.delivery <= known_at]
    found = []
    for parcel in known:
        if parcel.feed == "license_usage":
            rivals = [parcel]
        elif parcel.feed == "billing":
            rivals = [p for p in known if p.invoice == parcel.invoice]
        else:
            rivals = [p for p in known if p.feed == parcel.feed]
        if parcel.delivery == max(rival.delivery for rival in rivals):
            found.append(parcel)
    return found


def _lacks_column(rng: random.Random, parcel: Parcel) -> bool:
    """Leave out a required column, or every name that the reseller may have."""
    page = parcel.page
    doomed = {rng.choice(COLUMNS.get(parcel.feed, BILLING_REQUIRED))}
    if parcel.feed == "billing" and rng.random() < 0.3:
        doomed = set(RESELLERS)
    kept = [at for at, column in enumerate(page.columns) if column not in doomed]
    parcel.page = replace(
        page,
        columns=[page.columns[at] for at in kept],
        titles=[page.titles[at] for at in kept],
        rows=[[row[at] for at in kept if at < len(row)] for row in page.rows],
    )
    return True


def _repeats_column(rng: random.Random, parcel: Parcel) -> bool:
    page = parcel.page
    listed = COLUMNS.get(parcel.feed, BILLING_REQUIRED)
    column = rng.choice(listed)
    parcel.page = replace(
        page,
        columns=[*page.columns, column],
        titles=[*page.titles, rng.choice((column, column.upper(), f"{column}_"))],
        rows=[[*row, ""] for row in page.rows],
    )
    return True


TORN_ENDS = (
    b'\n"never closed',
    b'\n"closed"and more\n',
    b"\nba\rre",
    b"\nnul\x00",
    b"\ncut \xc3",
    b"\xff",
)


def _is_torn(rng: random.Random, parcel: Parcel) -> bool:
    """Make the bytes unreadable, inside the archive or the archive itself."""
    if parcel.page.dialect.is_gzip and rng.random() < 0.5:
        parcel.patch = rng.choice((lambda raw: raw[:-5], lambda raw: b"x" + raw))
        return True
    end = rng.choice(TORN_ENDS)
    if parcel.page.dialect.is_gzip:
        parcel.patch = lambda raw: gzip.compress(gzip.decompress(raw) + end, mtime=0)
    else:
        parcel.patch = lambda raw: raw + end
    return True


def _mixes_styles(rng: random.Random, parcel: Parcel) -> bool:
    """Write one of at least two dates in another style than the file's."""
    page = parcel.page
    dated = [
        (row, column)
        for row, record in enumerate(parcel.records)
        if RAGGED not in record
        for column in page.columns
        if isinstance(record.get(column), date)
    ]
    if len(dated) < 2:
        return False
    row, column = rng.choice(dated)
    other = rng.choice([style for style in STYLES if style != page.dialect.dates])
    page.rows[row][page.columns.index(column)] = as_date(
        rng, parcel.records[row][column], replace(page.dialect, dates=other)
    )
    return True


MISCOUNTS: tuple[dict | str, ...] = (
    {"rows": lambda rows: rows + 1},
    {"rows": lambda rows: rows - 1, "sha256": None},
    {"sha256": lambda digest: "0" * len(digest)},
    '{"rows": ',
    "[]",
)
WRONG_TOTALS: tuple[dict | str, ...] = (
    {"total_for_customer": lambda total: str(Decimal(total) + Decimal("0.01"))},
    {"rows": None, "total_for_customer": lambda total: "much"},
)


def _is_miscounted(rng: random.Random, parcel: Parcel) -> bool:
    wrong = MISCOUNTS + (WRONG_TOTALS if parcel.feed == "billing" else ())
    parcel.control = rng.choice(wrong)
    return True


FILE_FAULTS: dict[str, Callable[[random.Random, Parcel], bool]] = {
    "missing_column": _lacks_column,
    "duplicate_column": _repeats_column,
    "unreadable": _is_torn,
    "mixed_styles": _mixes_styles,
    "control_total": _is_miscounted,
}


def plant(rng: random.Random, parcels: list[Parcel], known_at: date) -> str | None:
    """Plant one fault among the files in force; return its code, if it took."""
    codes = [*FILE_FAULTS, "duplicate_invoice", "no_delivery", "quarantine_share"]
    code = rng.choice(codes)
    live = in_force(parcels, known_at)
    if code == "control_total" and rng.random() < 0.2:
        _lose_file(parcels, rng.choice(live))
    elif code in FILE_FAULTS:
        return code if FILE_FAULTS[code](rng, rng.choice(live)) else None
    elif code == "duplicate_invoice":
        _deliver_twice(rng, parcels, live)
    elif code == "no_delivery":
        _lose_feed(rng, parcels, known_at)
    else:
        victim = rng.choice([parcel for parcel in live if parcel.feed != "billing"])
        victim.page.rows.append(["x"] * (len(victim.page.titles) + 1))
    return code


def _deliver_twice(
    rng: random.Random, parcels: list[Parcel], live: list[Parcel]
) -> None:
    one = rng.choice([parcel for parcel in live if parcel.feed == "billing"])
    parcels.append(replace(one, stem=one.invoice + ".again"))


def _lose_file(parcels: list[Parcel], beside: Parcel) -> None:
    """Deliver a count without its file, beside a file that is there."""
    lost = replace(beside, stem=beside.stem + "-lost", control={"rows": None})
    lost.is_lost = True
    parcels.append(lost)


def _lose_feed(rng: random.Random, parcels: list[Parcel], known_at: date) -> None:
    """Leave no delivery of a feed that must have one; later ones are not known."""
    lost = rng.choice(ALWAYS_THERE)
    parcels[:] = [
        parcel
        for parcel in parcels
        if parcel.feed != lost or parcel.delivery > known_at
    ]
