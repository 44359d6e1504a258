"""One delivered file, read row by row: its good rows, its bad ones, its faults."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.second_reading import cells, control, text
from pipelines.second_reading.layouts import (
    BILLING,
    LAYOUTS,
    RESELLER,
    RESELLER_NAMES,
    Layout,
)
from pipelines.second_reading.refusal import Refused

# The order in which the contract names the reasons, which is that of the output.
REASONS = (
    "ragged_row",
    "bad_guid",
    "missing_value",
    "bad_date",
    "bad_number",
    "negative_quantity",
    "period_reversed",
    "unknown_dynamics_offer",
    "bad_enum",
)


@dataclass(frozen=True)
class DataFile:
    """A file as it was delivered."""

    feed: str
    delivery: date
    path: Path

    @property
    def name(self) -> str:
        """Return the file's name, which orders rows within a delivery."""
        return self.path.name

    @property
    def invoice(self) -> str:
        """Return the invoice number: the name up to its first dot."""
        return self.name.split(".")[0]


@dataclass(frozen=True, slots=True)
class Row:
    """A record that has its place; ``values`` holds what reads, by column."""

    file: DataFile
    number: int
    values: Mapping[str, object]
    reasons: tuple[str, ...] = ()

    def __getitem__(self, column: str) -> Any:
        """Return the value of *column*, or None where it is blank or unreadable."""
        return self.values.get(column)

    @property
    def place(self) -> tuple[date, str, int]:
        """Return what tells rows apart and orders them: delivery, file, row."""
        return self.file.delivery, self.file.name, self.number

    @property
    def key(self) -> Any:
        """Return the id that the row names, if it reads."""
        return self[LAYOUTS[self.file.feed].key]


@dataclass(frozen=True)
class Extract:
    """A file once read: ``good`` and ``bad`` rows together are all its records."""

    file: DataFile
    good: list[Row]
    bad: list[Row]


def read_file(file: DataFile, known_offers: Collection[str]) -> Extract:
    """Read *file*, or refuse it for a file fault."""
    layout, raw = LAYOUTS[file.feed], file.path.read_bytes()
    delimiter, records = text.split(file.name, text.decode(file.name, raw))
    header, body = (records[0], records[1:]) if records else ([], [])
    places = find_columns(layout, header, file.name)
    body = [[cell.strip() for cell in record] for record in body]
    comma = delimiter == ";"
    control.check(file.path, raw, body, places.get("TotalForCustomer"), comma=comma)
    check_date_style(layout, places, len(header), body, file.name)
    rows = []
    for number, record in enumerate(body, start=1):
        row = {name: record[at] for name, at in places.items() if at < len(record)}
        if len(record) != len(header):
            rows.append(Row(file, number, _key_alone(layout, row), ("ragged_row",)))
        else:
            values, reasons = read_record(layout, row, known_offers, comma=comma)
            rows.append(Row(file, number, values, reasons))
    return Extract(
        file,
        good=[row for row in rows if not row.reasons],
        bad=[row for row in rows if row.reasons],
    )


def find_columns(layout: Layout, header: list[str], name: str) -> dict[str, int]:
    """Return where each listed column stands; order is free, unknown ones are not."""
    wanted = set(layout.columns) | (set(RESELLER_NAMES) if layout is BILLING else set())
    listed = {plain(column): column for column in wanted}
    places: dict[str, int] = {}
    for at, title in enumerate(header):
        column = listed.get(plain(title))
        if column in places:
            raise Refused("duplicate_column", f"{name}: {column} stands twice")
        if column is not None:
            places[column] = at
    if layout is BILLING:
        found = [places[title] for title in RESELLER_NAMES if title in places]
        if found:
            places[RESELLER] = found[0]
    needed = layout.required | ({RESELLER} if layout is BILLING else set())
    for column in sorted(needed - places.keys()):
        raise Refused("missing_column", f"{name}: {column} is not in the header")
    return places


def plain(title: str) -> str:
    """Return a header name as it is compared: any case, no spaces or underscores."""
    return title.strip().lower().replace(" ", "").replace("_", "")


def check_date_style(
    layout: Layout,
    places: Mapping[str, int],
    width: int,
    body: list[list[str]],
    name: str,
) -> None:
    """Refuse a file whose dates, ragged rows aside, read in more than one style."""
    columns = [places[name] for name in layout.date_columns if name in places]
    styles: set[str] = set()
    for record in body:
        if len(record) == width:
            styles |= {style for at in columns if (style := _style(record[at]))}
    if len(styles) > 1:
        raise Refused("mixed_styles", f"{name}: dates in {sorted(styles)}")


def _style(cell: str) -> str | None:
    try:
        return cells.day(cell)[1]
    except cells.CellFault:
        return None


def read_record(
    layout: Layout,
    row: Mapping[str, str],
    known_offers: Collection[str],
    *,
    comma: bool,
) -> tuple[dict[str, object], tuple[str, ...]]:
    """Return what reads of a record, and every reason why it may not be used."""
    values: dict[str, object] = {}
    faults: set[str] = set()
    for column in layout.columns:
        cell = row.get(column, "")
        if cell:
            kind = layout.kinds.get(column)
            try:
                values[column] = cells.read(kind, cell, comma=comma) if kind else cell
            except cells.CellFault as fault:
                faults.add(fault.code)
        elif column in layout.never_blank:
            faults.add("missing_value")
    if layout is BILLING:
        faults |= billing_faults(values, known_offers)
    return values, tuple(reason for reason in REASONS if reason in faults)


def billing_faults(
    values: Mapping[str, Any], known_offers: Collection[str]
) -> set[str]:
    """Return the faults that only two cells of a billing row together show."""
    faults = set()
    start, end = values.get("ChargeStartDate"), values.get("ChargeEndDate")
    if start and end and end < start:
        faults.add("period_reversed")
    offer, name = values.get("DurableOfferId"), str(values.get("OfferName", ""))
    if offer and offer not in known_offers and "dynamics 365" in name.lower():
        faults.add("unknown_dynamics_offer")
    return faults


def _key_alone(layout: Layout, row: Mapping[str, str]) -> dict[str, object]:
    """Return the id in its key's place of a ragged row, if it reads."""
    cell = row.get(layout.key, "")
    try:
        found = cells.read(layout.kinds.get(layout.key, "text"), cell, comma=False)
    except cells.CellFault:
        return {}
    return {layout.key: found} if cell else {}
