"""The tables of the ledger as queries name them; the migrations make them."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()
# SQLite knows one kind of whole number, PostgreSQL several.
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

ENTRIES = sa.Table(
    "entries",
    METADATA,
    sa.Column("sequence", WHOLE, primary_key=True, autoincrement=False),
    sa.Column("previous_hash", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("who_key", sa.Text, nullable=False),
    sa.Column("campaign_id", sa.Text),
    sa.Column("batch_id", sa.Text),
    sa.Column("message_id", sa.Text),
    sa.Column("partner_id", sa.Text),
    sa.Column("end_to_end_id", sa.Text),
    sa.Column("uetr", sa.Text),
    sa.Column("amount_cents", WHOLE),
    sa.Column("currency", sa.Text),
    sa.Column("payments", WHOLE),
    sa.Column("file_sha256", sa.Text),
    sa.Column("run_id", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("facts", sa.Text, nullable=False),
)

ENTRY_CUSTOMERS = sa.Table(
    "entry_customers",
    METADATA,
    sa.Column("sequence", WHOLE, primary_key=True, autoincrement=False),
    sa.Column("customer_id", sa.Text, primary_key=True),
    sa.Column("amount_cents", WHOLE, nullable=False),
)

NOTICES = sa.Table(
    "notices",
    METADATA,
    sa.Column("sequence", WHOLE, primary_key=True, autoincrement=False),
    sa.Column("recorded_at", sa.Text, nullable=False),
    sa.Column("batch_id", sa.Text, nullable=False),
    sa.Column("partner_id", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
)
