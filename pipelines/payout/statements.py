"""What a partner is told of a batch: every customer considered, and what is missing.

A statement is a function of the run, the batch and the ledger's payments: the same
bytes each time. It says nothing of any other partner, and of an account four digits.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines import engine
from pipelines.errors import DifferenceError
from pipelines.files import sha256_of_file
from pipelines.money import shown
from pipelines.pages import page
from pipelines.payout.batch_files import PAYMENT_LIST
from pipelines.payout.cures import cure
from pipelines.payout.payout_csv import harmless
from pipelines.recorded import recorded_run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

    from pipelines.ledger.ledger import Book
    from pipelines.payout.batches import Batch
    from pipelines.recorded import RecordedRun

Row = dict[str, Any]
COLUMNS = (
    "partner_id",
    "customer_id",
    "decision",
    "onboarded_on",
    "billed_seats",
    "assigned_seats",
    "reward_amount",
    "currency",
    "missing",
    "cure",
    "pay_by",
    "batch_id",
)
QUERIES = {
    "partners": "select * from partner_payouts order by partner_id",
    "customers": """
        select * from customer_decisions where partner_id is not null
        order by partner_id, customer_id""",
    "rules": """
        select partner_id, customer_id, rule_id, clause, verdict, observed, required
        from rule_results where partner_id is not null and verdict <> 'pass'""",
    # The last row of a partner counts, as in every run.
    "addresses": """
        select mpn_id as partner_id, contact_email from partners
        qualify row_number() over (
            partition by mpn_id order by source_file desc, source_row desc) = 1""",
}


@dataclass(frozen=True)
class Statement:
    """What one partner is told, and where."""

    partner: Row
    customers: Sequence[Row]
    payment: Row | None  # of this batch; None if it pays the partner nothing
    holds: Sequence[Row]
    terms: Row
    batch_id: str
    address: str

    @property
    def partner_id(self) -> str:
        """The MPN id of the partner."""
        return str(self.partner["partner_id"])

    def html(self) -> str:
        """Return the page: one file, without any network."""
        return page("statement.html.j2", s=self)

    def csv(self) -> bytes:
        """Return the customers as a table for a spreadsheet."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        for customer in self.customers:
            open_rules = customer["open_rules"]
            values = customer | {
                "missing": "; ".join(_missing(rule) for rule in open_rules),
                "cure": " ".join(dict.fromkeys(rule["cure"] for rule in open_rules)),
                "pay_by": self.partner["pay_by"],
                "batch_id": self.batch_id,
            }
            cells = ("" if values[name] is None else values[name] for name in COLUMNS)
            writer.writerow(harmless(str(cell)) for cell in cells)
        return text.getvalue().encode("utf-8")


def _missing(rule: Row) -> str:
    return (
        f"{rule['rule_id']} ({rule['clause']}): {rule['verdict']}, seen "
        f"{rule['observed']}, required {rule['required']}"
    )


def statements(home: Path, batch: Batch, book: Book, work: Path) -> list[Statement]:
    """Return a statement for each partner of the batch's run, in their order.

    Raises:
        UsageError: the run is not in this home.
        DifferenceError: what it was computed from has changed.
    """
    run = recorded_run(home, batch.row["run_id"])
    found = _found(run, work)
    payments = _payments(home, batch, book)
    addresses = {row["partner_id"]: row["contact_email"] for row in found["addresses"]}
    rules = _grouped(found["rules"], "partner_id", "customer_id")
    order = [rule["id"] for rule in run.manifest["terms"]["rules"]]
    customers = _grouped(found["customers"], "partner_id")
    return [
        Statement(
            partner,
            [_customer(row, rules, order) for row in customers[partner["partner_id"],]],
            payments.get(partner["partner_id"]),
            [{"name": name, "cure": cure(name)} for name in partner["hold_reasons"]],
            run.manifest["terms"],
            batch.batch_id,
            addresses.get(partner["partner_id"]) or "",
        )
        for partner in found["partners"]
    ]


def _customer(row: Row, rules: dict[tuple[str, ...], list[Row]], order: Any) -> Row:
    mine = rules.get((row["partner_id"], row["customer_id"]), [])
    ranked = sorted(mine, key=lambda rule: order.index(rule["rule_id"]))
    return row | {
        "open_rules": [rule | {"cure": cure(rule["rule_id"])} for rule in ranked]
    }


def _grouped(rows: Sequence[Row], *keys: str) -> dict[tuple[str, ...], list[Row]]:
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    return groups


def _found(run: RecordedRun, work: Path) -> dict[str, list[Row]]:
    with engine.opened(work) as con:
        for table in ("partner_payouts", "customer_decisions", "rule_results"):
            _add_view(con, table, [run.folder / f"{table}.parquet"])
        _add_view(con, "partners", _partner_files(run))
        return {
            name: con.sql(query).to_arrow_table().to_pylist()
            for name, query in QUERIES.items()
        }


def _add_view(con: duckdb.DuckDBPyConnection, name: str, paths: Sequence[Path]) -> None:
    files = ", ".join(engine.quoted_path(path) for path in paths)
    con.execute(
        f"create temporary view {name} as "
        f"from read_parquet([{files}], hive_partitioning = false)"
    )


def _partner_files(run: RecordedRun) -> list[Path]:
    paths = []
    for item in run.manifest["inputs"]:
        if item["feed"] != "partners":
            continue
        folder = run.home / "validated" / "partners" / f"delivery={item['delivery']}"
        path = folder / f"{item['file']}.parquet"
        if not path.exists() or sha256_of_file(path) != item["validated_sha256"]:
            message = (
                f"{path} is not what the run was computed from, so nobody was told "
                f"anything: run the campaign again as of {run.as_of}, which types it "
                "anew."
            )
            raise DifferenceError(message)
        paths.append(path)
    return paths


def _payments(home: Path, batch: Batch, book: Book) -> dict[str, Row]:
    rows = book.rows(
        "select partner_id, end_to_end_id, amount_cents, currency, state "
        "from payments where batch_id = :batch_id",
        batch_id=batch.batch_id,
    )
    text = (batch.folder(home) / PAYMENT_LIST).read_text(encoding="utf-8")
    last4 = {
        line["end_to_end_id"]: line["account_last4"]
        for line in csv.DictReader(io.StringIO(text))
    }
    return {
        row["partner_id"]: row
        | {
            "amount": shown(row["amount_cents"]),
            "account_last4": last4[row["end_to_end_id"]].lstrip("'"),
            "execution_date": batch.facts["execution_date"],
        }
        for row in rows
    }
