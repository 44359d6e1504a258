"""What statements are made of: the tables of the batch's run, and the ledger."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from pipelines import engine
from pipelines.errors import DifferenceError
from pipelines.money import amount_of
from pipelines.payout.batch_files import PAYMENT_LIST
from pipelines.verify import folder_differences, typed_differences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb

    from pipelines.ledger.ledger import Book
    from pipelines.payout.batches import Batch
    from pipelines.recorded import RecordedRun

Row = dict[str, Any]
# Feeds that hold what a run does not publish: names, and whom to write to.
NAMES = ("partners", "customers")
# Of a key that comes twice, the last row counts, as in every run.
QUERIES = {
    "partners": """
        select
            partner_payouts.*,
            coalesce(contacts.contact_email, '') as contact_email,
            contacts.mpn_id is not null as is_listed
        from partner_payouts
        left join (
            select mpn_id, contact_email, row_number() over (
                partition by mpn_id order by source_file desc, source_row desc
            ) as rank_from_last
            from partners
        ) as contacts
            on partner_payouts.partner_id = contacts.mpn_id
            and contacts.rank_from_last = 1
        order by partner_payouts.partner_id""",
    "customers": """
        select customer_decisions.*, names.customer_name
        from customer_decisions
        left join (
            select customer_id, customer_name, row_number() over (
                partition by customer_id order by source_file desc, source_row desc
            ) as rank_from_last
            from customers
        ) as names
            on customer_decisions.customer_id = names.customer_id
            and names.rank_from_last = 1
        where customer_decisions.partner_id is not null
        order by customer_decisions.partner_id, customer_decisions.customer_id""",
    "rules": """
        select partner_id, customer_id, rule_id, clause, verdict, observed, required
        from rule_results
        where partner_id is not null and verdict <> 'pass'
        order by partner_id, customer_id, rule_id""",
}
PAID_BEFORE = """
    select paid.partner_id, cast(sum(case
        when paid.kind = 'repay' then -paid.amount_cents else paid.amount_cents
        end) as bigint) as cents
    from entries paid
    left join entries ended
        on ended.end_to_end_id = paid.end_to_end_id
        and ended.kind in ('reject', 'return') and ended.sequence < :sequence
    where paid.campaign_id = :campaign_id and paid.kind in ('instruct', 'repay')
        and paid.sequence < :sequence and ended.sequence is null
    group by paid.partner_id"""


def published_rows(run: RecordedRun, work: Path) -> dict[str, list[Row]]:
    """Return the rows of each query over a run, if it is as it was published.

    Raises:
        DifferenceError: a file of it, or one that holds names, has other bytes.
    """
    _refuse_changed(run)
    with engine.opened(work) as con:
        for table in ("partner_payouts", "customer_decisions", "rule_results"):
            _add_view(con, table, [run.folder / f"{table}.parquet"])
        for feed in NAMES:
            _add_view(con, feed, [_path(run, item) for item in _items(run, feed)])
        return {
            name: con.sql(query).to_arrow_table().to_pylist()
            for name, query in QUERIES.items()
        }


def _refuse_changed(run: RecordedRun) -> None:
    differences = folder_differences(run.folder)
    for feed in NAMES:
        for item in _items(run, feed):
            differences += typed_differences(run.home, item)
    if differences:
        message = (
            f"{differences[0]}, so nobody was told anything: see all of it with "
            f"`cashback verify {run.run_id}`, and run the campaign again."
        )
        raise DifferenceError(message)


def _items(run: RecordedRun, feed: str) -> list[Row]:
    return [item for item in run.manifest["inputs"] if item["feed"] == feed]


def _path(run: RecordedRun, item: Mapping[str, Any]) -> Path:
    place = f"delivery={item['delivery']}"
    folder: Path = run.home / "validated" / item["feed"] / place
    return folder / f"{item['file']}.parquet"


def _add_view(con: duckdb.DuckDBPyConnection, name: str, paths: Sequence[Path]) -> None:
    files = ", ".join(engine.quoted_path(path) for path in paths)
    con.execute(
        f"create temporary view {name} as "
        f"from read_parquet([{files}], hive_partitioning = false)"
    )


def payments_of(home: Path, batch: Batch, book: Book) -> dict[str, Row]:
    """Return what the batch pays, by partner, with its state as it is now."""
    rows = book.rows(
        "select partner_id, end_to_end_id, amount_cents, currency, state "
        "from payments where batch_id = :batch_id",
        batch_id=batch.batch_id,
    )
    if not rows:
        return {}
    text = (batch.folder(home) / PAYMENT_LIST).read_text(encoding="utf-8")
    last4 = {
        line["end_to_end_id"]: line["account_last4"]
        for line in csv.DictReader(io.StringIO(text))
    }
    return {
        row["partner_id"]: row
        | {
            "amount": amount_of(row["amount_cents"]),
            "account_last4": last4[row["end_to_end_id"]].lstrip("'"),
            "execution_date": batch.facts["execution_date"],
        }
        for row in rows
    }


def paid_before(batch: Batch, book: Book) -> dict[str, int]:
    """Return the cents that were paid before the batch and had not come back."""
    found = book.rows(
        PAID_BEFORE,
        campaign_id=batch.row["campaign_id"],
        sequence=batch.row["sequence"],
    )
    return {row["partner_id"]: row["cents"] for row in found}
