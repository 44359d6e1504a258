"""What refuses a run: every fault of a file, and what heals it."""

from __future__ import annotations

import gzip
import random
from typing import TYPE_CHECKING

import pytest

from pipelines.second_reading.layouts import LAYOUTS
from tests.reference.sound import BILLED, CUSTOMER
from tests.scenes import LATER, NEXT, typed

if TYPE_CHECKING:
    from tests.scenes import Scene

HEADER = "CustomerId,TopParentId,CustomerName,Segment,Country"
GOOD_ROW = f"{CUSTOMER},,Contoso,SMB,GB"
GOOD = f"{HEADER}\n{GOOD_ROW}\n"
PLACE = f"customers/{NEXT}/two.csv"
ARCHIVE = gzip.compress(GOOD.encode(), mtime=0)
NOISE = random.Random(7).randbytes(5000)  # noqa: S311 - it must repeat

UNREADABLE = {
    "a missing column": (
        GOOD.replace("Segment", "Sector"),
        "required column Segment missing from the header",
    ),
    "two missing columns": (
        GOOD.replace("Segment", "Sector").replace("Country", "Land"),
        "required columns Segment, Country missing from the header",
    ),
    "a column twice": (
        f"{HEADER},segment_\n{GOOD_ROW},SMB\n",
        "column Segment is there 2 times",
    ),
    "no header": (GOOD_ROW, "required columns CustomerId, TopParentId, "),
    "no bytes": ("", "it is empty, without even a header"),
    "a mark of UTF-8 alone": ("\ufeff", "it is empty, without even a header"),
    "blank lines alone": ("\r\n  \n", "it is empty, without even a header"),
    "an open quote": (GOOD + '"never closed', "record 2 cannot be read"),
    "an open quote in the header": (f'"{GOOD}', "the header cannot be read"),
    "text after a quote": (GOOD + '"closed" and,', "record 2 cannot be read"),
    "a bare carriage return": (GOOD + "a\rb", "record 2 cannot be read"),
    "two carriage returns": (GOOD + "a\r\r\n", "record 2 cannot be read"),
    "a carriage return at the end": (GOOD + "a\r", "record 2 cannot be read"),
    "line ends of old": (GOOD.replace("\n", "\r"), "the header cannot be read"),
    "a cut character": (
        GOOD.encode() + "é".encode()[:1],
        "it ends in the middle of a UTF-8 character",
    ),
    "another encoding": (
        (GOOD + "é").encode("latin-1") + b",",
        f"it is not UTF-8 text (near byte {len(GOOD) + 1})",
    ),
    "UTF-16": (GOOD.encode("utf-16"), "it is UTF-16 text, where UTF-8 is agreed"),
    "UTF-16 without a mark": (GOOD.encode("utf-16-le"), "byte 2 is a NUL byte"),
    "a NUL byte": (GOOD + "a\0b", f"byte {len(GOOD) + 2} is a NUL byte"),
    "a line without end": (GOOD + "x" * 3_000_000, "a line is longer than"),
    "noise": (NOISE, " is a NUL byte"),
    "a record without end": (
        GOOD + '"' + "line\n" * 400_000 + '"',
        "record 2 cannot be read",
    ),
}


@pytest.mark.parametrize("fault", UNREADABLE)
def test_a_file_that_cannot_be_read_refuses_the_run(scene: Scene, fault: str) -> None:
    """The message names the file and its fault; the bytes stay for the sender."""
    content, reason = UNREADABLE[fault]
    delivered = scene.deliver("customers", content)

    message = scene.refusal()

    assert message.startswith(f"{PLACE}: ")
    assert reason in message
    assert "\n" not in message
    landed = scene.home / "landing" / PLACE
    assert landed.read_bytes() == delivered.read_bytes()


ARCHIVES = {
    "a torn end": ARCHIVE[:-9],
    "a lost check sum": ARCHIVE[:-5],
    "a flipped check sum": ARCHIVE[:-8] + b"\0\0\0\0" + ARCHIVE[-4:],
    "no archive at all": GOOD.encode(),
    "something after the end": ARCHIVE + b"x",
    "damage inside": ARCHIVE[:20] + b"\xff\xff\xff" + ARCHIVE[23:],
}


@pytest.mark.parametrize("fault", ARCHIVES)
def test_a_damaged_archive_refuses_the_run(scene: Scene, fault: str) -> None:
    """What unpacks in part is not taken for the whole."""
    scene.deliver("customers", ARCHIVES[fault], "two.csv.gz")

    message = scene.refusal()

    assert message.startswith(f"{PLACE}.gz: the gzip archive is torn or damaged")
    assert (scene.home / "landing" / f"{PLACE}.gz").read_bytes() == ARCHIVES[fault]


@pytest.mark.parametrize("fault", ["an open quote", "a missing column", "no bytes"])
def test_a_whole_file_of_a_later_date_heals(scene: Scene, fault: str) -> None:
    """The refused delivery stays, and the newest one wins."""
    scene.deliver("customers", UNREADABLE[fault][0])
    scene.refusal()

    scene.deliver("customers", GOOD, on=LATER)
    run = scene.run()

    assert run.manifest["control_totals"]["customer_decisions"]["qualified"] == "1"
    assert (scene.home / "landing" / PLACE).exists()


def test_a_correction_under_the_same_name_and_date_is_refused(scene: Scene) -> None:
    """What was received never changes: a correction has a later date."""
    path = scene.deliver("customers", "")
    scene.refusal()

    path.write_text(GOOD)
    message = scene.refusal()

    assert f"{PLACE} was received before with other bytes" in message
    assert (scene.home / "landing" / PLACE).read_bytes() == b""


def test_all_files_at_fault_are_named_at_once(scene: Scene) -> None:
    """Their senders can be asked in one go."""
    scene.deliver("customers", "")
    scene.deliver("partners", b"\xff")

    message = scene.refusal()

    assert "2 files cannot be trusted" in message
    assert f"- {PLACE}: it is empty" in message
    assert f"- partners/{NEXT}/two.csv: it is not UTF-8" in message


@pytest.mark.parametrize("ending", ["", "\n", "\n\n  \r\n"])
def test_a_header_alone_is_a_file_without_rows(scene: Scene, ending: str) -> None:
    """Nobody is listed: that is data, and its rules decide."""
    scene.deliver("customers", HEADER + ending)

    run = scene.run()

    assert run.manifest["rows"]["customers"]["read"] == 0
    assert run.manifest["control_totals"]["customer_decisions"]["pending"] == "1"


def test_a_short_last_record_is_a_fault_of_its_row(scene: Scene) -> None:
    """The rest of the file is sound."""
    scene.deliver("customers", GOOD + f"{GOOD_ROW}\n" * 18 + CUSTOMER)

    run = scene.run()

    counts = {"read": 20, "validated": 19, "quarantined": 1}
    assert run.manifest["rows"]["customers"] == counts
    (row,) = typed(scene.home, "quarantine", "two.csv", "customers")
    assert (row["reasons"], row["source_row"]) == (["ragged_row"], 20)
    assert row["customer_id"] == CUSTOMER


def test_dates_of_two_styles_name_the_rows(scene: Scene) -> None:
    """2/1/2019 is the first of February in one style, the second of January never."""
    scene.rows("billing", BILLED, BILLED | {"ChargeStartDate": "2/1/2019"})

    message = scene.refusal()

    assert message.startswith(f"billing/{NEXT}/two.csv: its dates are in more than one")
    assert "ISO 8601 and M/D/YYYY" in message


def test_an_invoice_needs_a_column_that_names_the_reseller(scene: Scene) -> None:
    """Any of three names will do, and without one nobody could be paid."""
    layout = [c for c in LAYOUTS["billing"].columns if "Mpn" not in c]
    scene.deliver("billing", ",".join(layout))

    assert "required column ResellerMpnId (or MpnId) missing" in scene.refusal()
