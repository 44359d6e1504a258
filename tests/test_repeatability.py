"""The same inputs give the same bytes: whoever runs, wherever, and however often."""

from __future__ import annotations

import datetime as dt
import functools
import json
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import engine
from pipelines.outputs import ROW_GROUP_ROWS, write_batches
from pipelines.paths import PROJECT_DIR
from tests.random_campaign import RandomCampaign, write_random_campaign
from tests.reference.sound import (
    ASSIGNED,
    BILLED,
    COMPETENT,
    LISTED,
    OTHER,
    PROVEN,
    SALES,
)
from tests.scenes import LATER, NEXT, Scene, tree

if TYPE_CHECKING:
    from pathlib import Path

WITH_PROCESSORS = """
import os, sys
processors = int(sys.argv.pop(1))
os.cpu_count = lambda: processors
from pipelines.cli import main
main()
"""


def run_in(
    folder: Path, campaign: RandomCampaign, home: str, processors: int, **setting: str
) -> dict[str, Any]:
    """Run a campaign in a process of its own; return what it says in JSON."""
    dates = {"--as-of": campaign.as_of, "--known-at": campaign.known_at}
    options = [part for key, day in dates.items() if day for part in (key, str(day))]
    share = ["--max-quarantine-share", str(campaign.max_quarantine_share)]
    where = ["--source", campaign.source, "--home", home]
    python = [sys.executable, "-c", WITH_PROCESSORS]
    ended = subprocess.run(  # noqa: S603 - our own code
        [*python, str(processors), "run", "--json", *where, *options, *share],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(PROJECT_DIR)} | setting,
        check=True,
        capture_output=True,
    )
    return json.loads(ended.stdout)


def test_nothing_but_the_inputs_decides_the_bytes(tmp_path: Path):
    """No zone of time, language, order of sets, folder, home or processors."""
    campaign = write_random_campaign(4, tmp_path / "source")
    assert campaign.planted is None
    elsewhere = tmp_path / "somewhere else"
    elsewhere.mkdir()

    one = run_in(
        tmp_path,
        campaign,
        "one",
        processors=1,
        TZ="Pacific/Kiritimati",
        LC_ALL="C",
        PYTHONHASHSEED="1",
    )
    two = run_in(
        elsewhere,
        campaign,
        "it's home/two",
        processors=3,
        TZ="America/Anchorage",
        LC_ALL="tr_TR.UTF-8",
        PYTHONHASHSEED="2",
        PYTHONUTF8="0",
    )

    assert one["run_id"] == two["run_id"]
    assert one | {"path": ""} == two | {"path": ""}
    first, second = tree(tmp_path / "one"), tree(elsewhere / "it's home/two")
    # Facts are sets of rows in any order, for the next night alone.
    passing = ("facts/", "receipts/")
    kept, others = (
        {name for name in each if not name.startswith(passing)}
        for each in (first, second)
    )
    assert kept == others
    assert {name for name in kept if first[name] != second[name]} == set()
    assert any(name.startswith("runs/") for name in kept)


def test_what_came_bit_by_bit_is_as_what_came_at_once(scene: Scene, tmp_path: Path):
    """Runs on the way leave nothing in a later one."""
    scene.rows("billing", BILLED | {"Quantity": "1", "Amount": "4.00"})
    scene.rows("license_usage", ASSIGNED | {"AssignedSeats": "16"}, on=LATER)
    scene.rows("proofs", PROVEN, PROVEN | {"MpnId": OTHER}, on=LATER)
    days = ("2019-08-04", NEXT, LATER)
    on_the_way = [scene.run(known_at=dt.date.fromisoformat(day)) for day in days]

    last = scene.run()
    at_once = scene.run(home=tmp_path / "another home")

    assert len({run.path for run in (*on_the_way, last)}) == len(days) + 1
    assert last.path.name == at_once.path.name
    assert tree(last.path) == tree(at_once.path)
    assert [tree(run.path) for run in on_the_way] == [
        tree(scene.run(known_at=dt.date.fromisoformat(day)).path) for day in days
    ]


def test_the_cut_of_batches_does_not_matter(tmp_path: Path):
    """Threads hand on their rows in pieces of any size; the bytes are of the rows."""
    form = pa.schema([("id", pa.string()), ("amount", pa.decimal128(18, 2))])
    rows = ROW_GROUP_ROWS + 7
    values = [f"{_guid(number)} of any length" for number in range(rows)]
    table = pa.table([values, pa.array([Decimal(1)] * rows)], form.names).cast(form)

    written = set()
    for size in (rows, 2048, 1777):
        path = tmp_path / f"{size}.parquet"
        assert write_batches(table.to_batches(max_chunksize=size), form, path) == rows
        written.add(path.read_bytes())

    assert len(written) == 1
    assert pq.ParquetFile(path).read() == table


def test_the_number_of_threads_does_not_matter(scene: Scene, monkeypatch):
    """With rows enough for all of them, and ties that only an order breaks."""
    crowd = 45_000
    for part in ("a", "b", "c"):
        rows = [_line(number, part) for number in range(crowd)]
        scene.deliver("billing", f"{BILLING}\n" + "".join(rows), f"{part}.csv")
    customers = [f"{_guid(n // 2)},,{n},SMB,GB\n" for n in range(9000)]
    scene.deliver("customers", f"{CUSTOMERS}\n" + "".join(customers))
    partners = [
        LISTED | {"MpnId": f"{n % 60}", "PartnerName": str(n)} for n in range(99)
    ]
    scene.rows("partners", *partners)
    scene.rows("competencies", *(COMPETENT | {"MpnId": f"{n}"} for n in range(60)))
    opened = engine.opened

    results = []
    for threads in (1, 3):
        monkeypatch.setattr(
            engine, "opened", functools.partial(_opened, opened, threads)
        )
        run = scene.run()
        results.append(tree(run.path))
        shutil.rmtree(scene.home / "runs")

    assert int(run.manifest["control_totals"]["customer_decisions"]["rows"]) > 5000
    one, many = results
    assert [name for name in one if one[name] != many[name]] == []


def _opened(opened: Any, many: int, work: Path, **options: Any) -> Any:
    return opened(work, **({"threads": many} | options))


BILLING = (
    "CustomerId,ResellerMpnId,SyndicationPartnerSubscriptionNumber,DurableOfferId,"
    "OfferName,ChargeStartDate,ChargeEndDate,ChargeType,Quantity,Amount"
)
CUSTOMERS = "CustomerId,TopParentId,CustomerName,Segment,Country"


def _guid(number: int) -> str:
    return f"{number * 2654435761 % 2**32:08x}-0000-0000-0000-{number:012}"


def _line(number: int, part: str) -> str:
    """Return one of a subscription's three rows, in no order, with ties of owners."""
    partner = (number % 5003 * (1 if number % 9 else ord(part))) % 70
    first = 1 + number % 28 if number % 2 else 1
    sign = "-" if part == "b" and number % 5 == 0 else ""
    return (
        f"{_guid(number % 5003)},{partner},{_guid(number)},{SALES},x,"
        f"2019-02-{first:02},2019-07-{1 + number % 31:02},Cycle fee,"
        f"{number % 30},{sign}{number % 30}.0{int(part == 'c')}\n"
    )
