"""Where each partner stands after a night: who is at risk, and by how many seats."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from pipelines import engine
from pipelines.files import write_atomically
from pipelines.payout.payout_csv import harmless

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

COLUMNS = (
    "partner_id",
    "partner_name",
    "qualified_customers",
    "customers_at_risk",
    "seats_short",
    "days_left",
)
# At risk is who is pending; short are the seats that are missing, billed or assigned.
STANDING = """
select
    payouts.partner_id,
    payouts.partner_name,
    payouts.qualified_customers,
    count(pending.customer_id) as customers_at_risk,
    cast(coalesce(sum(greatest(? - pending.seats, 0)), 0) as bigint) as seats_short,
    ? as days_left
from partner_payouts as payouts
left join (
    select
        partner_id, customer_id,
        least(billed_seats, coalesce(assigned_seats, 0)) as seats
    from customer_decisions
    where decision = 'pending'
) as pending on payouts.partner_id = pending.partner_id
group by payouts.partner_id, payouts.partner_name, payouts.qualified_customers
order by payouts.partner_id
"""


def write_standing(
    con: duckdb.DuckDBPyConnection,
    run: Path,
    out: Path,
    minimum_seats: int,
    days_left: int,
) -> tuple[int, int]:
    """Write the standing of a published run to *out*, a CSV file for people.

    Returns how many partners there are, and how many customers at risk.
    """
    for table in ("partner_payouts", "customer_decisions"):
        path = engine.quoted_path(run / f"{table}.parquet")
        con.execute(
            f"create temporary view {table} as "
            f"from read_parquet({path}, hive_partitioning = false)"
        )
    rows = con.execute(STANDING, [minimum_seats, days_left]).fetchall()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow("" if cell is None else harmless(str(cell)) for cell in row)
    write_atomically(out, text.getvalue())
    return len(rows), sum(row[COLUMNS.index("customers_at_risk")] for row in rows)
