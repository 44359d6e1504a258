"""What is wrong with the accounts of one file, worked out beside the SQL.

There is one account a partner: the check digits are a library's business, and the
numbers leave neither this module nor ``landing/``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines import engine
from pipelines.bank_account import account_problem

if TYPE_CHECKING:
    import duckdb

ACCOUNT_FIELDS = (
    "beneficiary_name",
    "town_name",
    "country",
    "iban",
    "account_number",
    "bic",
    "routing_number",
)


def add_account_problems(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table ``account_problems`` of the records of ``raw_records``."""
    import pyarrow as pa

    texts = ", ".join(f"{field}_text" for field in ACCOUNT_FIELDS)
    # A stream can be read once, and the staging SQL reads it again.
    con.execute(
        "create or replace temporary table raw_accounts as select * from raw_records"
    )
    rows = con.execute(f"select source_row, {texts} from raw_accounts").fetchall()
    problems = [
        account_problem(**dict(zip(ACCOUNT_FIELDS, row[1:], strict=True)))
        for row in rows
    ]
    table = pa.table(
        {
            "source_row": pa.array([row[0] for row in rows], pa.int64()),
            "account_problem": pa.array(problems, pa.string()),
        }
    )
    engine.add_tables(con, {"account_problems": table})
    con.execute(
        "create or replace temporary view raw_records as select * from raw_accounts"
    )
