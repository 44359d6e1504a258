"""The published tables of a run: their columns, types, and order of rows."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING

from pipelines.dictionary import meanings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import duckdb
    import pyarrow as pa

ROW_GROUP_ROWS = 1 << 17
# Lists travel through the SQL as text: every engine has text.
LIST_COLUMNS = {"failed_rules", "pending_rules", "hold_reasons"}

TABLES: dict[str, dict[str, str]] = {
    "seat_timeline": {
        "customer_id": "text",
        "subscription_id": "text",
        "partner_id": "text",
        "from_date": "date",
        "to_date": "date",
        "seats": "whole",
    },
    "purchase_timeline": {
        "customer_id": "text",
        "subscription_id": "text",
        "partner_id": "text",
        "from_date": "date",
        "to_date": "date",
        "seats": "whole",
    },
    "customer_decisions": {
        "campaign_id": "text",
        "as_of": "date",
        "partner_id": "text",
        "customer_id": "text",
        "onboarded_on": "date",
        "billed_seats": "whole",
        "assigned_seats": "whole",
        "decision": "text",
        "failed_rules": "list",
        "pending_rules": "list",
        "reward_amount": "money",
        "currency": "text",
    },
    "rule_results": {
        "partner_id": "text",
        "customer_id": "text",
        "rule_id": "text",
        "clause": "text",
        "verdict": "text",
        "observed": "text",
        "required": "text",
        "evidence": "text",
    },
    "partner_payouts": {
        "campaign_id": "text",
        "as_of": "date",
        "partner_id": "text",
        "partner_name": "text",
        "qualified_customers": "whole",
        "pending_customers": "whole",
        "earned_amount": "money",
        "status": "text",
        "hold_reasons": "list",
        "payable_amount": "money",
        "currency": "text",
        "pay_by": "date",
    },
}


@functools.cache
def schema(table: str) -> pa.Schema:
    """Return the Arrow schema of a published table; each column says what it means."""
    import pyarrow as pa

    types = {
        "text": pa.string(),
        "date": pa.date32(),
        "whole": pa.int64(),
        "money": pa.decimal128(18, 2),
        "list": pa.list_(pa.string()),
    }
    said = meanings(table)
    return pa.schema(
        [
            pa.field(name, types[kind], metadata={"description": said.get(name, "")})
            for name, kind in TABLES[table].items()
        ],
        # Not every reader knows the descriptions of Arrow's fields.
        metadata={"columns": json.dumps(said)},
    )


def write_table(con: duckdb.DuckDBPyConnection, table: str, path: Path) -> int:
    """Write a built model to Parquet, in its own order; return its row count."""
    columns = ", ".join(map(_selected, TABLES[table]))
    reader = con.sql(f"select {columns} from {table}").to_arrow_reader(ROW_GROUP_ROWS)
    return write_batches(reader, schema(table), path)


def write_batches(
    batches: Iterable[pa.RecordBatch], form: pa.Schema, path: Path
) -> int:
    """Write rows to Parquet; return their number.

    Row groups are cut by count alone, and each is written as one piece: where the
    pages of a column end would else depend on how the threads cut the batches.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows, waiting = 0, pa.Table.from_batches([], form)
    with pq.ParquetWriter(path, form, compression="zstd") as writer:
        for batch in batches:
            rows += batch.num_rows
            fresh = pa.Table.from_batches([batch]).cast(form)
            waiting = pa.concat_tables([waiting, fresh])
            while waiting.num_rows >= ROW_GROUP_ROWS:
                writer.write_table(waiting.slice(0, ROW_GROUP_ROWS).combine_chunks())
                waiting = waiting.slice(ROW_GROUP_ROWS)
        if waiting.num_rows or not rows:
            writer.write_table(waiting.combine_chunks())
    return rows


def _selected(column: str) -> str:
    if column in LIST_COLUMNS:
        return (
            f"case when {column} is null then [] "
            f"else string_split({column}, ',') end as {column}"
        )
    return column
