"""A corpus of broken extracts: each is refused or quarantined, and nobody overpaid.

A refusal names the file; what lies in quarantine has its reasons; what goes through
pays what the whole extracts pay, or less.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import subprocess
import sys
from decimal import Decimal

import pytest

from pipelines.errors import CashbackError
from pipelines.paths import PROJECT_DIR
from pipelines.second_reading.layouts import LAYOUTS
from tests.reference.sound import ASSIGNED, BILLED, CUSTOMER, PARTNER
from tests.result_tables import read_rows
from tests.scenes import ANY_SHARE, LATER, NEXT

COLUMNS = list(LAYOUTS["billing"].columns)
# Ten seats each: below the fifteen that are required, above them if counted twice.
CUSTOMERS = 30


def guid(number: int) -> str:
    """Return the id of a customer and its subscription."""
    return f"dddddddd-0000-0000-0000-{number:012}"


def invoice(**cells: str) -> list[dict[str, str]]:
    """Return an invoice that qualifies nobody."""
    return [
        BILLED
        | {
            "CustomerId": guid(n),
            "SyndicationPartnerSubscriptionNumber": guid(n),
            "Quantity": "10",
            "UnitPrice": "53.00",
            "Amount": "530.00",
            "TotalForCustomer": "530.00",
            "ChargeStartDate": f"2019-02-{n % 28 + 1:02}",
        }
        | cells
        for n in range(CUSTOMERS)
    ]


def text_of(rows, delimiter=",", columns=COLUMNS) -> str:
    """Return rows as the sender writes them."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in COLUMNS] for row in rows)
    return out.getvalue()


WHOLE = text_of(invoice()).encode()
ARCHIVE = gzip.compress(WHOLE, mtime=0)
SHIFTED = [COLUMNS[-1], *COLUMNS[:-1]]
REFUSED = {
    "a truncated archive": ("two.csv.gz", ARCHIVE[: len(ARCHIVE) // 2], "torn"),
    "a wrong delimiter": ("two.csv", text_of(invoice(), "|").encode(), "missing from"),
    "shifted columns": (
        "two.csv",
        text_of(invoice(), columns=SHIFTED).encode(),
        "rows of billing are faulty",
    ),
    "swapped dates": (
        "two.csv",
        text_of(invoice(ChargeEndDate="2019-01-01")).encode(),
        r"period_reversed 30",
    ),
    "day and month swapped": (
        "two.csv",
        text_of(
            [
                row
                | {
                    "ChargeStartDate": f"{n % 28 + 1}/2/2019",
                    "ChargeEndDate": "31/1/2020",
                }
                for n, row in enumerate(invoice())
            ]
        ).encode(),
        "bad_date|more than one style",
    ),
    "an emptied column": (
        "two.csv",
        text_of(invoice(CustomerId="")).encode(),
        r"missing_value 30",
    ),
    "UTF-16": ("two.csv", WHOLE.decode().encode("utf-16"), "UTF-16"),
    "NUL bytes": ("two.csv", WHOLE[:400] + b"\0\0" + WHOLE[400:], "NUL byte"),
    "a torn last quote": ("two.csv", WHOLE + b'"half', "cannot be read"),
    "another feed's file": ("two.csv", b"MpnId,Status\n1,Active\n", "missing from"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_broken_invoice_is_refused_by_name(scene, fault):
    """The sentence names the file, or the feed and its reasons."""
    name, content, reason = REFUSED[fault]
    scene.deliver("billing", content, name)

    message = scene.refusal()

    assert re.search(reason, message), message
    assert f"billing/{NEXT}/{name}" in message or "rows of billing" in message


def test_a_wrong_control_total_is_refused_by_name(scene):
    """The sum that was promised and the one that was found."""
    scene.deliver("billing", WHOLE)
    total = {"rows": CUSTOMERS, "total_for_customer": "15900.01"}
    scene.deliver("billing", json.dumps(total), "two.csv.control.json")

    message = scene.refusal()

    assert f"billing/{NEXT}/two.csv: " in message
    assert "promises total_for_customer 15900.01, found 15900.00" in message


def test_an_invoice_delivered_again_under_its_number_counts_once(scene):
    """Last month's file again, in this month's delivery."""
    scene.deliver("billing", WHOLE)
    scene.deliver("billing", WHOLE, on=LATER)

    run = scene.run()

    assert earned(run) == Decimal("2000.00")
    assert seats_of(run, guid(3)) == 10


@pytest.mark.parametrize("on", [NEXT, LATER])
def test_an_invoice_delivered_again_under_another_number_is_refused(scene, on):
    """Twenty seats would pass for fifteen, and thirty customers would be paid for."""
    scene.deliver("billing", WHOLE)
    scene.deliver("billing", WHOLE, "three.csv", on=on)

    message = scene.refusal()

    assert f"billing/{NEXT}/two.csv" in message
    assert f"billing/{on}/three.csv" in message


def test_doubled_amounts_pay_nobody_more_and_are_warned_of(scene):
    """Seats are quantities under the sign of the amount, whatever it is."""
    scene.deliver("billing", WHOLE)
    doubled = text_of(
        [
            row | {"CustomerId": guid(100 + n), "Amount": "1060.00"}
            for n, row in enumerate(invoice())
        ]
    )
    scene.deliver("billing", doubled, "three.csv", on=LATER)

    run = scene.run()

    assert earned(run) == Decimal("2000.00")
    warned = " ".join(run.manifest["quality"]["warnings"])
    assert "amounts_per_line_change_little" in warned
    quality = json.loads((run.path / "data_quality.json").read_text())
    assert "amounts_off_price" in {found["name"] for found in quality["warnings"]}


def test_an_emptied_reseller_column_pays_nobody_and_is_warned_of(scene):
    """Blank is no reseller by contract; that all are blank is odd."""
    scene.deliver("billing", text_of(invoice(ResellerMpnId="", Quantity="20")))

    run = scene.run()

    assert earned(run) == Decimal("2000.00")
    assert "resellers_do_not_vanish_from_invoices" in " ".join(
        run.manifest["quality"]["warnings"]
    )


def test_single_broken_rows_are_quarantined_with_their_reasons(scene):
    """The rest of the file goes on, and their customers wait."""
    rows = invoice()
    rows[0] |= {"CustomerId": "not a guid"}
    rows[1] |= {"Quantity": "1,0"}
    rows[2] |= {"ChargeEndDate": "2018-01-01"}
    rows[3] |= {"Amount": ""}
    scene.deliver("billing", text_of(rows) + "ragged,row\n")

    run = scene.run(max_quarantine_share=ANY_SHARE)

    path = scene.home / "quarantine" / "billing" / f"delivery={NEXT}"
    found = {
        row["source_row"]: row["reasons"] for row in read_rows(path / "two.csv.parquet")
    }
    assert found == {
        1: ["bad_guid"],
        2: ["bad_number"],
        3: ["period_reversed"],
        4: ["missing_value"],
        31: ["ragged_row"],
    }
    assert earned(run) == Decimal("2000.00")


@pytest.mark.parametrize("name", ["two.csv", "two.csv.gz"])
def test_a_line_of_200_megabytes_is_refused_in_bounded_memory(scene, name):
    """The archive unpacks to as much, and is no larger than a small file."""
    line = b"CustomerId,TopParentId,CustomerName,Segment,Country\n" + b"x" * (200 << 20)
    scene.deliver(
        "customers", gzip.compress(line, 1) if name.endswith(".gz") else line, name
    )
    script = (
        # Not getrusage: a process inherits the highest memory of its parent there.
        "from pipelines.cli import main\n"
        "try: main()\n"
        "finally: print(open('/proc/self/status').read().partition('VmHWM:')[2])"
    )

    done = subprocess.run(  # noqa: S603 - our own command
        [
            sys.executable,
            "-c",
            script,
            "run",
            "--source",
            str(scene.source),
            "--home",
            str(scene.home),
            "--known-at",
            "2019-08-15",
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=PROJECT_DIR,
    )

    assert done.returncode == 3
    assert f"customers/{NEXT}/{name}: a line is longer than" in done.stderr
    assert "Traceback" not in done.stderr
    assert int(done.stdout.split()[0]) < 400_000, "kilobytes"


def test_usage_of_last_month_again_leaves_this_month_pending(scene):
    """The measured day has no snapshot, and nobody is paid on an older one."""
    for folder in (scene.source, scene.home / "landing", scene.home / "receipts"):
        (folder / "license_usage" / "2019-08-01").rename(
            folder / "license_usage" / "2019-08-16"
        )
    scene.rows("license_usage", ASSIGNED | {"SnapshotDate": "2019-05-31"})

    run = scene.run()

    (decided,) = read_rows(run.path / "customer_decisions.parquet")
    assert (decided["customer_id"], decided["decision"]) == (CUSTOMER, "pending")
    assert "the_measured_day_has_a_snapshot" in " ".join(
        run.manifest["quality"]["warnings"]
    )


def test_no_fault_of_the_corpus_ends_in_a_traceback(scene):
    """Whatever it is, it is one of our own errors."""
    for number, (name, content, _) in enumerate(REFUSED.values()):
        path = scene.deliver("billing", content, f"{number}{name}", on=LATER)
        with pytest.raises(CashbackError):
            scene.run()
        path.unlink()
        (scene.home / "landing" / "billing" / LATER / path.name).unlink()
        (scene.home / "receipts" / "billing" / LATER / f"{path.name}.json").unlink()


def earned(run) -> Decimal:
    """Return what all partners earned."""
    rows = read_rows(run.path / "partner_payouts.parquet")
    assert {row["partner_id"] for row in rows} >= {PARTNER}
    return sum(row["earned_amount"] for row in rows)


def seats_of(run, customer: str) -> int:
    """Return the seats of a customer on the measured day."""
    (row,) = [
        row
        for row in read_rows(run.path / "customer_decisions.parquet")
        if row["customer_id"] == customer
    ]
    return row["billed_seats"]


def test_long_lines_are_one_row_or_none(scene):
    """A ragged one costs one row; one of spaces alone is no record at all."""
    header = "CustomerId,TopParentId,CustomerName,Segment,Country\n"
    rows = [f"{CUSTOMER},,,SMB,GB\n", "x" * 600_000 + "\n", " " * 600_000 + "\n"]
    scene.deliver("customers", "".join([header, *rows, rows[0], "y" * 600_000]))

    run = scene.run(max_quarantine_share=ANY_SHARE)

    assert run.manifest["rows"]["customers"] == {
        "read": 4,
        "validated": 2,
        "quarantined": 2,
    }
    path = scene.home / "quarantine" / "customers" / f"delivery={NEXT}"
    found = read_rows(path / "two.csv.parquet")
    assert [(row["source_row"], row["reasons"]) for row in found] == [
        (2, ["ragged_row"]),
        (4, ["ragged_row"]),
    ]
