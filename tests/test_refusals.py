"""What refuses a run: every fault of a file and of a delivery, and what heals it."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from typing import TYPE_CHECKING

import pytest

from tests.reference.layouts import LAYOUTS
from tests.reference.sound import ASSIGNED, BILLED, CUSTOMER, FEEDS, SECOND_SUBSCRIPTION
from tests.scenes import ANY_SHARE, LATER, NEXT

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


CONTROLS = {
    "rows": ({"rows": 2}, "promises rows 2, found 1"),
    "rows as a word": ({"rows": "1"}, "promises rows 1, found 1"),
    "true for one": ({"rows": True}, "promises rows True, found 1"),
    "a digest": ({"sha256": "00"}, "promises sha256 00, found "),
    "a total": (
        {"rows": 1, "total_for_customer": "12.35"},
        "promises total_for_customer 12.35, found 12.34",
    ),
    "no total": ({"total_for_customer": None}, "promises total_for_customer None"),
    "an unknown count": ({"row": 1}, "counts 'row', where only rows, sha256"),
    "a list": ([], "its control file is not a JSON object"),
    "torn JSON": ('{"rows": 1', "its control file is not JSON"),
    "another encoding": (b'\xff{"rows": 1}', "its control file is not JSON"),
    "endless nesting": ("[" * 100_000, "its control file is not JSON"),
}


@pytest.mark.parametrize("fault", CONTROLS)
def test_a_count_that_differs_refuses_the_run(scene: Scene, fault: str) -> None:
    """The sender's own count is enforced, and so must be readable."""
    said, reason = CONTROLS[fault]
    scene.rows("billing", _second(TotalForCustomer="12.344"))
    text = json.dumps(said) if isinstance(said, dict | list) else said
    scene.deliver("billing", text, "two.csv.control.json")

    message = scene.refusal()

    assert message.startswith(f"billing/{NEXT}/two.csv: ")
    assert reason in message


def test_counts_that_agree_let_the_run_through(scene: Scene) -> None:
    """Rows, bytes as delivered, and the sum of readable totals, to cents."""
    bad = _second(TotalForCustomer="1.25", Quantity="many")
    path = scene.rows("billing", _second(TotalForCustomer="12.345"), bad)
    counts = {
        "rows": 2,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest().upper(),
        "total_for_customer": "13.60",
    }
    scene.deliver("billing", json.dumps(counts), "two.csv.control.json")

    run = scene.run(max_quarantine_share=ANY_SHARE)

    assert run.manifest["rows"]["billing"]["read"] == 3


def test_a_count_of_a_file_that_never_came_refuses_the_run(scene: Scene) -> None:
    """A part of the delivery is missing."""
    scene.rows("billing", _second())
    scene.deliver("billing", '{"rows": 1}', "three.csv.control.json")

    message = scene.refusal()

    assert f"billing/{NEXT}/three.csv.control.json counts a file that is not" in message


def test_names_that_differ_in_case_have_each_their_own_count(scene: Scene) -> None:
    """A count belongs to the file whose name it has, to the letter."""
    scene.deliver("license_usage", _usage(ASSIGNED), "part.csv")
    scene.deliver("license_usage", _usage(), "PART.csv")
    scene.deliver("license_usage", '{"rows": 1}', "part.csv.control.json")

    assert scene.run().manifest["rows"]["license_usage"]["read"] == 2


def test_one_invoice_number_twice_in_a_delivery_refuses_the_run(scene: Scene) -> None:
    """Neither may count, as both would, or the wrong one."""
    for name in ("INV-7.csv", "INV-7.corrected.csv"):
        scene.deliver("billing", "", name)

    message = scene.refusal()

    assert "invoice INV-7 is there twice in one delivery" in message
    assert f"billing/{NEXT}/INV-7.corrected.csv and billing/{NEXT}/INV-7.csv" in message


@pytest.mark.parametrize("feed", FEEDS)
def test_a_feed_without_delivery_is_refused_or_noted(scene: Scene, feed: str) -> None:
    """Usage, proofs and accounts may be late: their rules wait, or hold."""
    for folder in (scene.source, scene.home / "landing", scene.home / "receipts"):
        (folder / feed / "2019-08-01").rename(folder / feed / "2019-08-16")

    if feed in {"billing", "customers", "partners", "competencies"}:
        message = scene.refusal()
        assert message.startswith(f"feed {feed} has no delivery dated on or before")
    else:
        run = scene.run()
        assert run.manifest["notices"] == [f"feed {feed} has no delivery yet"]
        quality = json.loads((run.path / "data_quality.json").read_text())
        assert quality["notices"] == run.manifest["notices"]


def test_a_source_without_any_delivery_is_refused(scene: Scene) -> None:
    """An empty folder is no campaign without customers."""
    empty = scene.root / "empty"
    empty.mkdir()

    message = scene.refusal(source=str(empty), known_at=None)

    assert message.startswith("the source has no delivery of any feed")


@pytest.mark.parametrize(("sound", "is_refused"), [(19, False), (18, True)])
def test_more_than_the_share_in_quarantine_refuses_the_run(
    scene: Scene, sound: int, is_refused: bool
) -> None:
    """One row in twenty is the default share, and not above it."""
    rows = [f"{CUSTOMER[:-2]}{n:02},,,SMB,GB" for n in range(1, sound + 1)]
    scene.deliver("customers", "\n".join([HEADER, *rows, "no guid,,,SMB,GB"]))

    if is_refused:
        message = scene.refusal()
        assert "1 of 19 rows of customers are faulty (bad_guid 1)" in message
        assert "--max-quarantine-share" in message
    else:
        assert scene.run().manifest["rows"]["customers"]["quarantined"] == 1


def test_faults_of_files_that_are_not_in_force_stop_nothing(scene: Scene) -> None:
    """Replaced invoices, older snapshots and what is not known yet do not count."""
    scene.deliver("billing", b"\xff", "one.csv", on="2019-07-01")
    scene.deliver("customers", "", on="2019-07-01")
    scene.deliver("partners", "", on="2019-08-16")

    run = scene.run()

    assert run.manifest["control_totals"]["customer_decisions"]["qualified"] == "1"


def _second(**cells: str) -> dict[str, str]:
    subscription = {"SyndicationPartnerSubscriptionNumber": SECOND_SUBSCRIPTION}
    return BILLED | subscription | cells


def _usage(*rows: dict[str, str]) -> str:
    columns = LAYOUTS["license_usage"].columns
    lines = [[row.get(column, "") for column in columns] for row in rows]
    return "".join(",".join(line) + "\n" for line in [columns, *lines])
