"""No row is lost, made up or altered."""

from __future__ import annotations

import datetime as dt
import json
import random
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from pipelines.second_reading import Refused
from pipelines.second_reading import text as reference_text
from pipelines.second_reading.layouts import LAYOUTS
from pipelines.second_reading.reading import DataFile, read_file
from tests.reference.sound import (
    ASSIGNED,
    BILLED,
    CUSTOMER,
    SECOND_SUBSCRIPTION,
)
from tests.scenes import ANY_SHARE, NEXT, tree, typed

if TYPE_CHECKING:
    from pipelines.run import PublishedRun
    from pipelines.second_reading.reading import Extract
    from tests.scenes import Scene

HEADER = ",".join(LAYOUTS["license_usage"].columns)
GOOD = f"2019-06-30,{CUSTOMER},{SECOND_SUBSCRIPTION},,,,1,0"
# A line is put together from these: most are a record of eight cells, or nearly.
PIECES = {
    GOOD: 12,
    GOOD.replace(",", '","').join('""'): 2,
    f"2019-06-30,org:{CUSTOMER.upper()},{SECOND_SUBSCRIPTION},,,, 2 ,0": 2,
    f'2019-06-30,{CUSTOMER},{SECOND_SUBSCRIPTION},"a\n\nb","""c,",,3,0': 2,
    f'2019-06-30,{CUSTOMER},{SECOND_SUBSCRIPTION},x"y,5" disk,,4,0': 1,
    f"31.06.2019,{CUSTOMER},{SECOND_SUBSCRIPTION},\u00a0,,,5,2": 1,
    f"2019-06-30,{CUSTOMER},no guid,,,-1,1.5,": 1,
    f"2019-06-30,{CUSTOMER},{SECOND_SUBSCRIPTION},,,,1": 1,
    f"{GOOD},surplus": 1,
    "": 2,
    "   ": 1,
    '""': 1,
    '"  "': 1,
    '"",': 1,
    "\u00a0": 1,
    "\ufeff": 1,
    ",,,,,,,": 1,
    "#": 1,
}
TORN = ['"open', '"shut"x,', "bare\rreturn", "two\r", "\r"]


def nasty_text(seed: int) -> str:
    """Return a usage file that is unkind to readers, every fourth one torn."""
    rng = random.Random(seed)  # noqa: S311 - it must repeat
    lines = rng.choices(
        list(PIECES), weights=list(PIECES.values()), k=rng.randint(1, 9)
    )
    if seed % 4 == 3:
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(TORN))
    ends = rng.choice(["\n", "\r\n", "mixed"])
    text = rng.choice(["", "\ufeff"]) + rng.choice(["", " \n", "\r\n"])
    for line in [HEADER, *lines]:
        text += line + (rng.choice(["\n", "\r\n"]) if ends == "mixed" else ends)
    return text if rng.random() < 0.6 else text.removesuffix("\n").removesuffix("\r")


@dataclass(frozen=True)
class Nasty:
    """Nasty files after a run, beside what the independent reading says of them."""

    scene: Scene
    run: PublishedRun
    whole: dict[str, Extract]
    torn: list[str]


@pytest.fixture(scope="module")
def nasty(sound_home: Scene, tmp_path_factory: pytest.TempPathFactory) -> Nasty:
    """Return forty nasty files, of which the whole ones have gone through a run."""
    scene = sound_home.copy(tmp_path_factory.mktemp("nasty"))
    whole, torn = {}, []
    for seed in range(40):
        name = f"part-{seed:02}.csv"
        path = scene.deliver("license_usage", nasty_text(seed), name)
        try:
            file = DataFile("license_usage", dt.date.fromisoformat(NEXT), path)
            whole[name] = read_file(file, [])
        except Refused:
            torn.append(name)
            path.unlink()
    return Nasty(scene, scene.run(max_quarantine_share=ANY_SHARE), whole, torn)


def test_nasty_files_are_read_as_the_independent_reading_does(nasty: Nasty):
    """Each row is validated or in quarantine, with the same reasons, once."""
    assert len(nasty.whole) > 20
    inputs = {item["file"]: item for item in nasty.run.manifest["inputs"]}
    for name, read in nasty.whole.items():
        assert inputs[name]["rows"] == len(read.good) + len(read.bad), name
        good = typed(nasty.scene.home, "validated", name)
        assert [(row["source_row"], row["assigned_seats"]) for row in good] == [
            (row.number, row["AssignedSeats"]) for row in read.good
        ]
        assert [
            (row["source_row"], row["customer_id"], tuple(row["reasons"]))
            for row in typed(nasty.scene.home, "quarantine", name)
        ] == [(row.number, row.key, row.reasons) for row in read.bad], name


def test_quarantined_records_hold_the_cells_as_they_stand(nasty: Nasty):
    """As JSON, by the names of the header, with what is too much beside them."""
    columns = LAYOUTS["license_usage"].columns
    seen = 0
    for name, read in nasty.whole.items():
        text = reference_text.decode(name, read.file.path.read_bytes())
        _, (_, *records) = reference_text.split(name, text)
        for row in typed(nasty.scene.home, "quarantine", name):
            cells = records[row["source_row"] - 1]
            surplus = [f"extra_{n}" for n in range(1, len(cells) - len(columns) + 1)]
            wanted = dict(zip([*columns, *surplus], cells, strict=False))
            assert json.loads(row["record"]) == wanted
            assert row["source_file"] == name
            seen += 1
    assert seen > 20


def test_torn_files_are_refused_as_the_independent_reading_does(
    scene: Scene, nasty: Nasty
):
    """All of them, and no other."""
    delivered = [*nasty.torn, *list(nasty.whole)[:3]]
    assert len(nasty.torn) > 4
    for name in delivered:
        scene.deliver("license_usage", nasty_text(int(name[5:7])), name)

    message = scene.refusal(max_quarantine_share=ANY_SHARE)

    assert f"{len(nasty.torn)} files cannot be trusted" in message
    assert [name for name in delivered if f"/{name}: " in message] == nasty.torn


def test_a_line_of_two_quotes_is_a_record(scene: Scene):
    """It holds one empty cell; only blank lines and lines of spaces are none."""
    scene.deliver("license_usage", f'{HEADER}\n{GOOD}\n""\n  \n\n"  "\n{GOOD}\n')

    run = scene.run(max_quarantine_share=ANY_SHARE)

    assert run.manifest["rows"]["license_usage"]["read"] == 1 + 4
    assert [
        (row["source_row"], row["reasons"], json.loads(row["record"]))
        for row in typed(scene.home, "quarantine", "two.csv")
    ] == [
        (2, ["ragged_row"], {"SnapshotDate": ""}),
        (3, ["ragged_row"], {"SnapshotDate": "  "}),
    ]


def test_rows_add_up_per_file_per_feed_and_in_the_parquet_files(scene):
    """Read is validated and quarantined together, wherever it is told."""
    bad = BILLED | {"Quantity": "many"}
    scene.rows("billing", BILLED, bad, bad | {"Amount": ""}, BILLED)
    scene.rows("license_usage", ASSIGNED, ASSIGNED | {"SnapshotDate": "June"})

    run = scene.run(max_quarantine_share=ANY_SHARE)

    quality = json.loads((run.path / "data_quality.json").read_text())
    for file in quality["files"]:
        feed, delivery, name = file["file"].split("/")
        found = {
            folder: typed(scene.home, folder, name, feed, delivery)
            for folder in ("validated", "quarantine")
        }
        assert file["validated"] == len(found["validated"])
        assert file["quarantined"] == len(found["quarantine"])
        assert file["read"] == file["validated"] + file["quarantined"]
    assert {
        feed: sum(f["read"] for f in quality["files"] if f["file"].startswith(feed))
        for feed in quality["feeds"]
    } == {feed: counts["read"] for feed, counts in quality["feeds"].items()}
    assert quality["feeds"]["billing"] == {
        "read": 5,
        "validated": 3,
        "quarantined": 2,
        "reasons": {"bad_number": 2, "missing_value": 1},
    }
    assert run.manifest["rows"]["billing"]["quarantined"] == 2


def test_validated_rows_have_the_columns_of_the_feed_and_where_they_came_from(scene):
    """Named in snake case, with file, row, delivery and invoice."""
    (row,) = typed(scene.home, "validated", "one.csv", "billing", "2019-08-01")

    assert row["syndication_partner_subscription_number"]
    assert str(row["amount"]) == "795.00"
    assert row["source_file"] == "one.csv"
    assert row["source_row"] == 1
    assert row["delivered_on"] == dt.date(2019, 8, 1)
    assert row["invoice_number"] == "one"


@pytest.mark.parametrize("damage", ["garbage", "{}", "[]", '{"key": 1, "facts": {}}'])
def test_a_damaged_memory_is_no_memory(scene: Scene, damage: str):
    """The file is typed again, and the run is the same."""
    first = scene.run()
    before = tree(first.path)
    for memory in scene.home.glob("typed/*/*/*.json"):
        memory.write_text(damage)
    shutil.rmtree(scene.home / "runs")

    assert tree(scene.run().path) == before
