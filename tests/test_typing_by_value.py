"""A large invoice is typed by its values, and comes out as if typed row by row."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from pipelines import engine
from pipelines.campaign import campaign_tables, load_campaign
from pipelines.feeds import BILLING_COLUMNS, FEEDS
from pipelines.files import sha256_of_file
from pipelines.landing import LandedFile
from pipelines.text_scan import UnreadableFileError
from pipelines.typed_rows import OutputPaths
from pipelines.typing_by_value import TypingByValue
from pipelines.validation import validate_file

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.value_parts import Part

INVOICES = 40
GUIDS = [f"{n:08d}-0000-0000-0000-00000000000{n}" for n in range(6)]
ODD = ["", " ", "NULL", "NA", "n/a", "é", "1_0", "x,y", 'a ""b""', "two\nlines"]
ODD += ["-2", "13/45/2019", "1/2/2019"]


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """One database with the catalogue for all invoices."""
    tables = campaign_tables(load_campaign("d365-smb-2019"))
    with engine.opened(tmp_path_factory.mktemp("spill"), threads=1) as con:
        engine.add_tables(con, {"sku_catalog": tables["sku_catalog"]})
        offers = con.execute(
            "select durable_offer_id from sku_catalog order by all limit 3"
        ).fetchall()
        yield con, [offer for (offer,) in offers]


DAYS = ["2019-01-31", "2019-02-01", " 2019-06-30T12:00Z", "2019-03-01"]
AMOUNTS = ["1.00", "-3.5", "17.219999999999999", "0", "1000.00"]
POOLS = {
    "CustomerId": [*GUIDS, *(f"org:{guid}" for guid in GUIDS[:2])],
    "SyndicationPartnerSubscriptionNumber": [
        *GUIDS,
        GUIDS[3].replace("0", "a").upper(),
        f"org:{GUIDS[4]}",
        f" {GUIDS[5]}",
    ],
    "OfferName": ["Dynamics 365 Sales", "Office 365", "Visio"],
    "Quantity": ["5", "5.0", "12", "0"],
    "ResellerMpnId": ["", "-1", "0", "4310002", " 4310003 "],
    "ChargeType": ["Cycle fee", "Offset a line item"],
    "TotalOtherDiscount": ["", "0.00"],
    **dict.fromkeys([name for name in BILLING_COLUMNS if name.endswith("Date")], DAYS),
    **dict.fromkeys(
        ["UnitPrice", "Amount", "Subtotal", "Tax", "TotalForCustomer"], AMOUNTS
    ),
}
# Of customers whose ids and names are kept as they stand.
PLAIN_POOLS = {
    "CustomerId": GUIDS,
    "CustomerName": ["Contoso", "Adatum & Söhne"],
    "DomainName": ["contoso.example", "x"],
}
ALWAYS_THERE = FEEDS["billing"].required | {"ResellerMpnId"}


def an_invoice(seed: int, offers: list[str]) -> str:
    """Return a made-up invoice in which values, and now and then faults, repeat."""
    chance = random.Random(seed)  # noqa: S311 - an invoice is no secret
    oddness = chance.choice([0, 0.002, 0.02])
    pools = POOLS | {"DurableOfferId": [*offers, GUIDS[1].upper()]}
    pools |= chance.choice([PLAIN_POOLS, {}])

    def cell(header: str) -> str:
        value = chance.choice(pools.get(header, ["", "a", " b ", "c"]))
        if chance.random() < oddness:
            value = chance.choice(ODD)
        is_bare = chance.random() < 0.9 and not set(value) & {",", "\n", '"'}
        return value if is_bare else f'"{value}"'

    header = [
        name
        for name in BILLING_COLUMNS
        if name in ALWAYS_THERE or chance.random() > 0.05
    ]
    chance.shuffle(header)
    lines = [",".join(header)]
    for _ in range(chance.choice([1, 40, 400])):
        cells = [cell(name) for name in header]
        if chance.random() < oddness:
            cells.append("one too many")
        lines.append(",".join(cells))
        if chance.random() < oddness:
            lines.append(" ")
    return "\n".join(lines) + "\n"


def reading(con: Any, landed: Path, work: Path) -> Any:
    """Return the facts of an invoice with all of its rows, or its fault."""
    work.mkdir()
    out = OutputPaths(work / "validated", work / "quarantine")
    file = LandedFile(
        "billing",
        dt.date(2019, 8, 15),
        landed.name,
        sha256_of_file(landed),
        landed.stat().st_size,
    )
    try:
        facts = validate_file(file, landed, con, work, out).as_dict()
    except UnreadableFileError as fault:
        return str(fault)
    counts = {key: value for key, value in facts.items() if "sha256" not in key}
    tables = [pq.ParquetFile(path).read() for path in (out.validated, out.quarantine)]
    return counts, [table.schema for table in tables], [t.to_pylist() for t in tables]


def test_an_invoice_is_the_same_by_value_and_by_row(database, monkeypatch, tmp_path):
    """Every value, row number, reason, count, sum and refusal is the same."""
    con, offers = database
    believed, stood, quarantined, refused = 0, 0, 0, 0
    type_batch, judge = TypingByValue.type, TypingByValue._judge

    def noted(*args: Any) -> Any:
        nonlocal believed
        typed = type_batch(*args)
        believed += 1
        return typed

    def looked_at(typing: TypingByValue, parts: list[Part]) -> Any:
        nonlocal stood
        stood += sum(part.stands for part in parts)
        return judge(typing, parts)

    monkeypatch.setattr(TypingByValue, "type", noted)
    monkeypatch.setattr(TypingByValue, "_judge", looked_at)
    for seed in range(INVOICES):
        folder = tmp_path / str(seed)
        folder.mkdir()
        landed = folder / "D1906.csv"
        landed.write_text(an_invoice(seed, offers), encoding="utf-8", newline="")

        monkeypatch.setattr("pipelines.file_typing.BY_VALUE_BYTES", 1 << 40)
        by_row = reading(con, landed, folder / "by_row")
        monkeypatch.setattr("pipelines.file_typing.BY_VALUE_BYTES", 0)
        by_value = reading(con, landed, folder / "by_value")

        assert by_value == by_row, f"seed {seed}"
        refused += isinstance(by_row, str)
        quarantined += 0 if isinstance(by_row, str) else len(by_row[2][1])

    # Each way was taken often enough to prove something.
    assert believed > INVOICES / 2
    assert stood > INVOICES / 2
    assert quarantined > INVOICES
    assert refused > 0


@pytest.mark.parametrize("seed", range(8))
def test_an_invoice_with_odd_lines_is_the_same_bytes_again(
    database, monkeypatch, tmp_path, seed
):
    """What sets the odd lines apart is made up anew, and is in no result."""
    con, offers = database
    monkeypatch.setattr("pipelines.file_typing.BY_VALUE_BYTES", 0)
    lines = an_invoice(seed, offers).splitlines(keepends=True)
    at = len(lines[0].split(",")) // 2
    landed = tmp_path / "D1906.csv"
    odd = lines[1].rstrip("\n") + ",one too many\n" + "x" * at + "\n"
    text = "".join([lines[0], odd, *lines[1:], lines[1] * 40])
    landed.write_text(text, encoding="utf-8", newline="")

    first, again = (
        reading(con, landed, tmp_path / "1"),
        reading(con, landed, tmp_path / "2"),
    )

    assert first == again
    for name in ("validated", "quarantine"):
        if (path := tmp_path / "1" / name).exists():
            assert path.read_bytes() == (tmp_path / "2" / name).read_bytes()
