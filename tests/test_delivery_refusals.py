"""What refuses a run beside the content of a file: counts, invoices, feeds, shares."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from pipelines.second_reading.layouts import LAYOUTS
from tests.reference.sound import ASSIGNED, BILLED, CUSTOMER, FEEDS, SECOND_SUBSCRIPTION
from tests.scenes import ANY_SHARE, NEXT

if TYPE_CHECKING:
    from tests.scenes import Scene

CUSTOMERS = ",".join(LAYOUTS["customers"].columns)
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


def test_a_count_alone_in_a_delivery_is_noted(scene: Scene) -> None:
    """Its file may be on its way; what was delivered before stands."""
    scene.deliver("billing", '{"rows": 1}', "three.csv.control.json")

    run = scene.run()

    place = f"billing/{NEXT}/three.csv.control.json"
    assert run.manifest["notices"] == [f"{place} counts a file that is not there"]


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
    scene.deliver("customers", "\n".join([CUSTOMERS, *rows, "no guid,,,SMB,GB"]))

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
